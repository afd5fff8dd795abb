"""What a free worker does next, and that the budget is exact whatever happens to the workers."""

import math
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from optisearch import record, space
from optisearch.budget import Account, Budget, Done, New, Retry, Wait, first_attempt
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.loading import load_study
from optisearch.manifest import describe
from optisearch.settings import Wishes
from optisearch.storage import Database

BEGAN = datetime(2024, 5, 1)
STATES = {
    "completed": TrialState.COMPLETE,
    "diverged": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "running": TrialState.RUNNING,
}


def trials(*endings: str | tuple[str, float] | tuple[str, None, int]) -> list[FrozenTrial]:
    """Trials that ended so, one after the other: `"failed"`, `("completed", 0.9)`.

    A third item is the number of the trial that this one takes up.
    """
    made: list[FrozenTrial] = []
    for number, given in enumerate(endings):
        ending, value, retried = (*([given] if isinstance(given, str) else given), None, None)[:3]
        state = STATES.get(ending, TrialState.FAIL)
        if state == TrialState.COMPLETE:
            value = 0.0 if value is None else value
        trial = create_trial(
            state=state,
            value=value,
            user_attrs={record.END_REASON: ending},
            system_attrs={}
            if retried is None
            else {record.RETRY_OF: retried, record.FIRST_ATTEMPT: first_attempt(made[retried])},
        )
        trial.number = number
        trial.datetime_complete = BEGAN + timedelta(minutes=number)
        made.append(trial)
    return made


def following(found: list[FrozenTrial], *, maximize: bool = True, **budget: Any) -> Any:
    return Account((maximize,)).up_to(found).next_step(Budget(**budget))


def test_an_empty_stage_gets_a_new_trial() -> None:
    assert following([], trials=1) == New()


def test_trained_trials_count_and_failed_ones_do_not() -> None:
    found = trials("completed", "pruned", "diverged", "failed", "failed")
    assert following(found, trials=3) == Done("trials")
    assert following(found, trials=4) == New()


def test_nobody_starts_what_others_are_about_to_finish() -> None:
    found = trials("completed", "running")
    assert following(found, trials=2) == Wait()
    assert following(found, trials=3) == New()


@pytest.mark.parametrize("ending", ["interrupted", "lost"])
def test_an_unfinished_attempt_comes_before_a_new_trial(ending: str) -> None:
    found = trials("completed", ending, ending)
    assert following(found, trials=9) == Retry(found[1])


def test_an_attempt_is_taken_up_once() -> None:
    found = trials("interrupted", ("running", None, 0))
    assert following(found, trials=9) == New()
    again = trials("interrupted", ("interrupted", None, 0))
    assert following(again, trials=9) == Retry(again[1])


def test_retries_know_their_first_attempt() -> None:
    found = trials("completed", "lost", ("lost", None, 1), ("running", None, 2))
    assert [first_attempt(trial) for trial in found] == [0, 1, 1, 1]


def test_what_kills_its_workers_again_and_again_is_left_alone() -> None:
    found = trials("lost", *(("lost", None, number) for number in range(3)))
    assert Account((True,)).up_to(found[:-1]).to_retry() == [found[2]]
    assert Account((True,)).up_to(found).to_retry() == []
    assert following(found, trials=9) == New()


def test_an_interruption_is_nobodys_fault() -> None:
    found = trials("interrupted", *(("interrupted", None, number) for number in range(5)))
    assert Account((True,)).up_to(found).to_retry() == [found[-1]]


def values(*given: float) -> list[FrozenTrial]:
    return trials(*(("completed", value) for value in given))


@pytest.mark.parametrize(
    ("given", "maximize", "done"),
    [
        ((0.5, 0.9, 0.8, 0.7), True, True),
        ((0.5, 0.7, 0.8, 0.9), True, False),
        ((0.5, 0.9, 0.8, 0.91), True, False),
        ((0.5, 0.4, 0.6, 0.7), False, True),
        ((0.5, 0.9, 0.4), False, False),
        ((0.9, 0.9, 0.9), True, True),
    ],
)
def test_patience_ends_when_the_best_stays_the_best(
    given: tuple[float, ...], maximize: bool, done: bool
) -> None:
    step = following(values(*given), maximize=maximize, trials=9, patience=2)
    assert step == (Done("patience") if done else New())


def test_patience_counts_pruned_and_diverged_trials() -> None:
    worst = ("diverged", float("-inf"))
    assert following(trials(worst, worst), trials=9, patience=2) == Done("patience")
    found = trials(("completed", 0.5), "pruned", worst)
    assert following(found, trials=9, patience=2) == Done("patience")


def test_patience_goes_by_the_time_that_trials_finished() -> None:
    found = values(0.9, 0.5, 0.5)
    found[0].datetime_complete = BEGAN + timedelta(hours=1)
    assert following(found, trials=9, patience=2) == New()


def test_patience_waits_for_trials_in_training() -> None:
    found = trials(("completed", 0.9), ("completed", 0.5), "running")
    assert following(found, trials=9, patience=1) == Wait()


@pytest.mark.parametrize(
    ("given", "done"),
    [
        ([(0.9, 5), (0.8, 6), (0.7, 7)], True),
        ([(0.9, 5), (0.8, 6), (0.7, 4)], False),  # it is cheaper than any before
        ([(0.9, 5), (0.9, 5), (0.9, 5)], True),  # of equal ones the first counts
        ([(0.5, 9), (0.9, 5), (0.8, 6), (0.95, 4)], False),  # in place of those before
        ([(0.9, 5), (0.8, math.inf), (0.7, math.inf)], True),
    ],
)
def test_patience_ends_when_the_front_of_several_objectives_stays(
    given: list[tuple[float, float]], done: bool
) -> None:
    found = values(*(0.0 for _ in given))
    for trial, both in zip(found, given, strict=True):
        trial.values = list(both)
    step = Account((True, False)).up_to(found).next_step(Budget(trials=9, patience=2))
    assert step == (Done("patience") if done else New())


TRIALS = 5
STUDY = load_study(Path(__file__).parent / "studies" / "parabola.py")
LIVING = Owner.current()
DEAD = replace(LIVING, boot="another")
WISHES = Wishes(trials=TRIALS, sampler="random", pruner="none")
in_training = precondition(lambda machine: machine.running)


class Workers(RuleBasedStateMachine):
    """Workers take trials, and finish, fail, are interrupted or die, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = open_stage(Database.in_memory(), describe(STUDY, None), WISHES)
        self.running: list[Trial] = []

    @rule()
    def take(self) -> None:
        taken = self.stage.take(LIVING)
        if isinstance(taken, Trial):
            space.suggest(STUDY.space, taken)
            self.running.append(taken)

    @in_training
    @rule(data=st.data(), state=st.sampled_from([TrialState.COMPLETE, TrialState.PRUNED]))
    def finish(self, data: Any, state: TrialState) -> None:
        self._end(data, state, "completed")

    @in_training
    @rule(data=st.data())
    def fail(self, data: Any) -> None:
        self._end(data, TrialState.FAIL, "failed")

    @in_training
    @rule(data=st.data())
    def interrupt(self, data: Any) -> None:
        self._end(data, TrialState.FAIL, "interrupted")

    @in_training
    @rule(data=st.data())
    def die(self, data: Any) -> None:
        trial = self._one(data)
        self.stage.database.storage.set_trial_system_attr(
            trial._trial_id, record.OWNER, DEAD.as_dict()
        )

    def _one(self, data: Any) -> Trial:
        return self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))

    def _end(self, data: Any, state: TrialState, reason: str) -> None:
        trial = self._one(data)
        trial.set_user_attr(record.END_REASON, reason)
        reached = st.sampled_from([0.2, 0.5, 0.9, -math.inf])
        values = data.draw(reached) if state == TrialState.COMPLETE else None
        self.stage.study.tell(trial, values, state=state)

    @invariant()
    def trained_and_running_never_exceed_the_budget(self) -> None:
        states = Counter(trial.state for trial in self.stage.trials())
        trained = states[TrialState.COMPLETE] + states[TrialState.PRUNED]
        assert trained + states[TrialState.RUNNING] <= TRIALS

    @invariant()
    def counted_bit_by_bit_is_counted_at_once(self) -> None:
        found = self.stage.trials()
        assert self.stage._account.up_to(found) == Account((True,)).up_to(found)

    @invariant()
    def retries_repeat_their_first_attempt(self) -> None:
        found = self.stage.trials()
        for trial in found:
            first = found[first_attempt(trial)]
            assert trial.user_attrs[record.SEED] == first.user_attrs[record.SEED]
            assert trial.params == first.params
        seeds = [t.user_attrs[record.SEED] for t in found if first_attempt(t) == t.number]
        assert len(set(seeds)) == len(seeds)

    def teardown(self) -> None:
        """Those that are left do the rest."""
        for trial in self.running:
            self.stage.study.tell(trial, 0.5)
        while isinstance(taken := self.stage.take(LIVING), Trial):
            space.suggest(STUDY.space, taken)
            self.stage.study.tell(taken, 0.5)
        assert taken == Done("trials")
        found = self.stage.trials()
        states = Counter(trial.state for trial in found)
        assert states[TrialState.COMPLETE] + states[TrialState.PRUNED] == TRIALS
        assert states[TrialState.RUNNING] == 0
        taken_up = Counter(trial.system_attrs.get(record.RETRY_OF) for trial in found)
        lost = Counter(
            first_attempt(t) for t in found if t.user_attrs.get(record.END_REASON) == "lost"
        )
        for trial in found:
            unfinished = trial.user_attrs.get(record.END_REASON) in ("interrupted", "lost")
            left_alone = lost[first_attempt(trial)] >= 3
            assert taken_up[trial.number] == (unfinished and not left_alone) or left_alone


Workers.TestCase.settings = settings(max_examples=30, stateful_step_count=25)
TestWorkers = Workers.TestCase
