"""A stage that is read again and again, only what is new each time, is the stage as it stands."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import optuna
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from optisearch import Comparison, record
from optisearch.errors import OptisearchError
from optisearch.lease import Owner
from optisearch.plan import Wanted
from optisearch.reading import StageReader, read_stage
from optisearch.stage import Stage

FACTORS = [{"name": "rate", "kind": "real", "baseline": 0.1, "low": 0.0, "high": 1.0}]
MANIFEST = {"format": 1, "study": "toy", "metric": "loss", "space": {"factors": FACTORS}}
PARAMS = {
    "rate": FloatDistribution(0.0, 1.0),
    "undeclared": CategoricalDistribution(["a", "b"]),
    "another": FloatDistribution(0.0, 1.0),
}
REASONS = {
    "completed": TrialState.COMPLETE,
    "diverged": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
    "interrupted": TrialState.FAIL,
    "lost": TrialState.FAIL,
}


def agree(reader: StageReader) -> None:
    """Both ways of asking say what a reader says that has never read before."""
    whole = read_stage(reader._study)
    standing = reader.look()
    assert (standing.tally, standing.best) == (whole.tally, whole.best)
    assert standing.progress == whole.progress()
    assert standing.has_cells is (whole.plan is not None)
    assert reader.read() == whole


class Search(RuleBasedStateMachine):
    """Trials begin, sample, report and end in any order, while two readers look now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.storage = InMemoryStorage()
        self.id = self.storage.create_new_study([StudyDirection.MINIMIZE], "toy/search")
        self.study = optuna.load_study(study_name="toy/search", storage=self.storage)
        self.reader, self.seldom = StageReader(self.study), StageReader(self.study)
        self.open: list[int] = []
        self.unfinished: list[int] = []

    @rule(state=st.sampled_from([TrialState.RUNNING, TrialState.WAITING]))
    def begin(self, state: TrialState) -> None:
        self._create(state, {})

    @precondition(lambda machine: machine.unfinished)
    @rule(data=st.data())
    def retry(self, data: Any) -> None:
        number = data.draw(st.sampled_from(self.unfinished))
        self.unfinished.remove(number)
        before = self.study.trials[number].system_attrs
        first = before.get(record.FIRST_ATTEMPT, number)
        self._create(TrialState.RUNNING, {record.RETRY_OF: number, record.FIRST_ATTEMPT: first})

    def _create(self, state: TrialState, system: dict[str, Any]) -> None:
        trial = create_trial(state=state, system_attrs=system)
        self.open.append(self.storage.create_new_trial(self.id, trial))

    @precondition(lambda machine: machine.open)
    @rule(data=st.data(), name=st.sampled_from(sorted(PARAMS)), value=st.sampled_from([0.0, 1.0]))
    def sample(self, data: Any, name: str, value: float) -> None:
        trial_id = data.draw(st.sampled_from(self.open))
        if self.storage.get_trial(trial_id).state is TrialState.RUNNING:
            self.storage.set_trial_param(trial_id, name, value, PARAMS[name])

    @precondition(lambda machine: machine.open)
    @rule(data=st.data(), epoch=st.integers(0, 2))
    def report(self, data: Any, epoch: int) -> None:
        trial_id = data.draw(st.sampled_from(self.open))
        self.storage.set_trial_intermediate_value(trial_id, epoch, epoch / 10)

    @precondition(lambda machine: machine.open)
    @rule(
        data=st.data(),
        reason=st.sampled_from(sorted(REASONS)),
        value=st.sampled_from([0.1, 0.1, 0.5]),
    )
    def end(self, data: Any, reason: str, value: float) -> None:
        trial_id = data.draw(st.sampled_from(self.open))
        self.open.remove(trial_id)
        self.storage.set_trial_user_attr(trial_id, record.END_REASON, reason)
        self.storage.set_trial_system_attr(trial_id, record.HISTORY, [{"epoch": 0, "loss": value}])
        reached = {"completed": [value], "diverged": [math.inf]}.get(reason)
        self.storage.set_trial_state_values(trial_id, REASONS[reason], reached)
        if reason in ("interrupted", "lost"):
            self.unfinished.append(self.storage.get_trial_number_from_id(trial_id))

    @rule(trials=st.integers(1, 4))
    def want_more(self, trials: int) -> None:
        self.storage.set_study_system_attr(self.id, record.BUDGET, {"trials": trials})

    @rule()
    def declare(self) -> None:
        self.storage.set_study_system_attr(self.id, record.MANIFEST, MANIFEST)

    @rule()
    def look(self) -> None:
        agree(self.reader)

    def teardown(self) -> None:
        agree(self.reader)
        agree(self.seldom)


Search.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestSearch = Search.TestCase


def test_nothing_is_made_of_trials_that_ended_before(
    open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_parabola(trials=9)
    for value in (0.1, 0.3, 0.2):
        stage.study.tell(stage.take(owner), value)
    reader = StageReader(stage.study)
    before = reader.read().trials
    stage.take(owner)
    after = reader.read().trials
    assert [trial.ending for trial in after] == ["completed"] * 3 + ["running"]
    assert all(old is new for old, new in zip(before, after, strict=False))


def test_the_standing_is_the_same_until_a_trial_begins_or_ends(
    open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_parabola(trials=9)
    trial = stage.take(owner)
    reader = StageReader(stage.study)
    before = reader.look()
    trial.report(0.5, 0)  # type: ignore[union-attr]
    assert reader.look() is before
    stage.study.tell(trial, 0.5)
    assert reader.look().tally.completed == 1


def test_cells_are_followed_too(open_compare: Callable[..., Stage], owner: Owner) -> None:
    stage = open_compare(Comparison("shape"), Comparison("x", levels=(0.0, 1.0)), seeds=2)
    reader = StageReader(stage.study)
    for reason in ["completed", "failed", "lost", *["completed"] * 7]:
        trial = stage.take(owner)
        agree(reader)
        trial.set_user_attr(record.END_REASON, reason)  # type: ignore[union-attr]
        value = 0.5 if reason == "completed" else None
        stage.study.tell(trial, value, state=REASONS[reason])
        agree(reader)
    assert reader.look().progress.left == 0
    part = Wanted(("shape",))
    assert reader.look(part).progress == read_stage(stage.study).progress(part)
    assert reader.look(part).progress.total == 4


def test_a_dead_workers_trial_that_is_taken_up_is_no_longer_counted(
    open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_parabola(trials=1)
    stage.take(replace(owner, boot="another"))
    reader = StageReader(stage.study)
    assert reader.look().tally.running == 1
    stage.reap()
    assert reader.look().tally.to_be_retried == 1
    stage.take(owner)
    assert (reader.look().tally.running, reader.look().tally.to_be_retried) == (1, 0)
    assert [trial.superseded for trial in reader.read().trials] == [True, False]


def test_what_kills_its_workers_is_given_up_once(
    open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_parabola(trials=1)
    reader = StageReader(stage.study)
    for _ in range(record.MAX_LOST_ATTEMPTS):
        stage.take(replace(owner, boot="another"))
        stage.reap()
        agree(reader)
    assert (reader.look().tally.lost, reader.look().tally.to_be_retried) == (1, 0)


def test_undeclared_factors_come_in_the_order_of_their_trials() -> None:
    study = optuna.create_study()
    first, second = study.ask(), study.ask()
    reader = StageReader(study)
    for trial, name in ((second, "b"), (second, "a"), (first, "a")):
        trial.suggest_float(name, 0.0, 1.0)
        agree(reader)
    assert [factor.name for factor in reader.read().info.factors] == ["a", "b"]


def test_a_stage_that_was_deleted_is_gone(open_parabola: Callable[..., Stage]) -> None:
    stage = open_parabola()
    reader = StageReader(stage.study)
    reader.look()
    optuna.delete_study(study_name=stage.name, storage=stage.database.storage)
    with pytest.raises(KeyError):
        reader.look()


def test_what_a_newer_version_stored_is_refused_each_time(
    open_parabola: Callable[..., Stage],
) -> None:
    stage = open_parabola()
    reader = StageReader(stage.study)
    newer = stage.stored()[record.MANIFEST] | {"format": 99}
    stage.database.storage.set_study_system_attr(stage.study._study_id, record.MANIFEST, newer)
    for _ in range(2):
        with pytest.raises(OptisearchError, match="newer version"):
            reader.look()
