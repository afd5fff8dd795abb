"""Cells are handed out exactly: each once, whatever happens to the workers."""

import math
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from optuna.trial import Trial, TrialState

from optisearch import Comparison, record
from optisearch.address import parse
from optisearch.agenda import attempts, next_cell, progress
from optisearch.budget import Done, New, Retry, Wait
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.loading import load_study
from optisearch.manifest import describe
from optisearch.plan import EVERYTHING, Cell, Ledger, Wanted
from optisearch.reading import StageResults, comparisons, read_stage
from optisearch.record import MAX_FAILED_ATTEMPTS, MAX_FAILURES_AT_A_POINT, MAX_LOST_ATTEMPTS
from optisearch.settings import Wishes
from optisearch.stage import Stage
from optisearch.stage_plans import comparisons_for
from optisearch.storage import Database, open_database

SHAPE = Comparison("shape")
EPOCHS = Comparison("epochs", levels=[1, 4])


def take(stage: Stage, owner: Owner) -> Trial:
    trial = stage.take(owner)
    assert isinstance(trial, Trial)
    return trial


def fail(stage: Stage, trial: Trial, reason: str = "failed") -> None:
    trial.set_user_attr(record.END_REASON, reason)
    stage.study.tell(trial, state=TrialState.FAIL)


def drain(stage: Stage, owner: Owner) -> list[Trial]:
    """Completes whatever is handed out."""
    taken = []
    while isinstance(trial := stage.take(owner), Trial):
        stage.study.tell(trial, 0.5)
        taken.append(trial)
    assert trial == Done("cells")
    return taken


def test_a_cell_comes_with_its_point_and_seed(
    open_compare: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_compare(Comparison("slope", levels=[2.0, 1000.0], base={"shape": "steep"}))
    trials = [take(stage, owner) for _ in range(2)]
    seed = trials[0].params["seed"]
    point = {"x": 5.0, "shape": "steep", "epochs": 3, "seed": seed}
    assert [trial.params for trial in trials] == [point | {"slope": s} for s in (2.0, 1000.0)]
    for trial in stage.trials():
        assert trial.state == TrialState.RUNNING
        assert trial.user_attrs == {record.WORKER: str(owner), record.SEED: seed}
        assert Owner.from_attributes(trial.system_attrs) == owner
        assert record.FIXED_PARAMS not in trial.system_attrs


def test_all_are_handed_out_once_and_then_it_is_done(
    open_compare: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_compare(SHAPE, EPOCHS, seeds=3)
    assert stage.progress() == (0, 9)
    assert len(drain(stage, owner)) == 9
    assert stage.progress() == (9, 9)
    assert len({trial.system_attrs[record.CELL] for trial in stage.trials()}) == 9


def test_who_comes_late_waits_for_what_others_train(
    open_compare: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_compare(EPOCHS, seeds=1)
    trial = take(stage, owner)
    assert stage.take(owner) == Wait()
    stage.study.tell(trial, 0.5)
    assert stage.take(owner) == Done("cells")


def test_what_failed_comes_again_after_all_others(
    open_compare: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_compare(SHAPE, seeds=2)
    first = take(stage, owner)
    fail(stage, first)
    rest = drain(stage, owner)
    assert [trial.params == first.params for trial in rest] == [False] * 3 + [True]
    again = stage.trials()[-1]
    assert again.system_attrs[record.RETRY_OF] == again.system_attrs[record.FIRST_ATTEMPT] == 0
    assert again.user_attrs[record.SEED] == first.user_attrs[record.SEED]


@pytest.mark.parametrize("reason", ["interrupted", "lost"])
def test_what_was_interrupted_or_lost_is_taken_up(
    open_compare: Callable[..., Stage], owner: Owner, reason: str
) -> None:
    stage = open_compare(EPOCHS, seeds=1)
    if reason == "lost":
        first = take(stage, replace(owner, boot="another"))
    else:
        first = take(stage, owner)
        fail(stage, first, reason)
    again = take(stage, owner)
    assert again.params == first.params
    assert stage.trials()[0].user_attrs[record.END_REASON] == reason


@pytest.mark.parametrize(
    ("reason", "most"), [("failed", MAX_FAILED_ATTEMPTS), ("lost", MAX_LOST_ATTEMPTS)]
)
def test_a_cell_is_given_up_at_last(
    open_compare: Callable[..., Stage], owner: Owner, reason: str, most: int
) -> None:
    stage = open_compare(EPOCHS, seeds=1)
    for _ in range(most):
        fail(stage, take(stage, owner), reason)
    assert stage.take(owner) == Done("cells")
    assert stage.progress() == (0, 1)
    assert read_stage(stage.study).progress().given_up == 1


def test_an_interruption_is_nobodys_fault(open_compare: Callable[..., Stage], owner: Owner) -> None:
    stage = open_compare(EPOCHS, seeds=1)
    for _ in range(9):
        fail(stage, take(stage, owner), "interrupted")
    take(stage, owner)


def test_an_end_without_a_reason_is_a_lost_worker(
    open_compare: Callable[..., Stage], owner: Owner
) -> None:
    """Readers and workers agree on it; and nobody tries for ever."""
    stage = open_compare(EPOCHS, seeds=1)
    for _ in range(MAX_LOST_ATTEMPTS):
        stage.study.tell(take(stage, owner), state=TrialState.FAIL)
    assert stage.take(owner) == Done("cells")
    assert read_stage(stage.study).progress().given_up == 1


def test_a_diverged_cell_is_a_result(open_compare: Callable[..., Stage], owner: Owner) -> None:
    stage = open_compare(EPOCHS, seeds=1)
    stage.study.tell(take(stage, owner), -math.inf)
    assert stage.take(owner) == Done("cells")
    assert stage.progress() == (1, 1)


def test_each_worker_trains_what_it_was_sent_for(
    open_compare: Callable[..., Stage], owner: Owner
) -> None:
    every = open_compare(SHAPE, EPOCHS, seeds=2)
    one = open_compare(SHAPE, EPOCHS, database=every.database, wanted=Wanted(("epochs",)), seeds=2)
    assert one.progress() == (0, 2)
    assert len(drain(one, owner)) == 2
    assert every.progress() == (2, 6)


def test_more_seeds_are_added_while_others_train(
    open_compare: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_compare(EPOCHS, seeds=1)
    first = take(stage, owner)
    assert stage.take(owner) == Wait()
    open_compare(EPOCHS, database=stage.database, seeds=3)
    second = take(stage, owner)
    assert first.params["seed"] != second.params["seed"]
    assert stage.progress() == (0, 3)


def test_trials_that_have_no_cell_are_passed_over() -> None:
    study = optuna.create_study()
    study.tell(study.ask(), 0.5)
    assert attempts(study.trials) == []


class OneAfterTheOther:
    """Has these cells, and foresees three more."""

    def __init__(self, *seeds: int) -> None:
        self.cells = [Cell({"x": 1}, seed) for seed in seeds]

    def due(self, _ledger: Ledger, _wanted: Wanted) -> list[Cell]:
        return self.cells

    def foreseen(self, _ledger: Ledger, _wanted: Wanted) -> int:
        return 3


def test_whatever_has_cells_is_handed_out() -> None:
    plan = OneAfterTheOther(1, 2)
    assert next_cell(plan, [], EVERYTHING) == New(plan.cells[0])
    assert progress(plan, [], EVERYTHING) == (0, 2 + 3)
    lost = optuna.trial.create_trial(
        state=TrialState.FAIL,
        user_attrs={record.END_REASON: "lost"},
        system_attrs={record.CELL: plan.cells[0].key},
    )
    assert next_cell(plan, [lost], EVERYTHING) == New(plan.cells[1])
    assert next_cell(OneAfterTheOther(1), [lost], EVERYTHING) == Retry(lost, plan.cells[0])


STUDY = replace(
    load_study(Path(__file__).parent / "studies" / "parabola.py"),
    comparisons=[Comparison("shape", tune=["x"]), EPOCHS, Comparison("x", levels=[5.0, 2.0])],
)
LIVING = Owner.current()
DEAD = replace(LIVING, boot="another")
in_training = precondition(lambda machine: machine.running)


class Workers(RuleBasedStateMachine):
    """Workers take cells, and finish, fail, are interrupted or die, in any order."""

    study = STUDY

    def __init__(self) -> None:
        super().__init__()
        self.database = self.opened()
        self.seeds = 1
        self.stage = self.joined()
        self.running: list[Trial] = []
        self.dead: list[Trial] = []
        self.told: dict[int, float] = {}

    def opened(self) -> Database:
        return Database.in_memory()

    def joined(self) -> Stage:
        return open_stage(
            self.database,
            describe(self.study, None),
            Wishes(seeds=self.seeds),
            kind="compare",
            planned=comparisons_for(self.study, "x.py", redefine=False, changed=list),
        )

    @rule()
    def take(self) -> None:
        taken = self.stage.take(LIVING)
        if isinstance(taken, Trial):
            self.running.append(taken)

    @in_training
    @rule(data=st.data(), value=st.sampled_from([-9.0, 0.0, 0.5, 1.0, -math.inf]))
    def finish(self, data: Any, value: float) -> None:
        self._complete(self._one(data), value)

    @in_training
    @rule(data=st.data(), reason=st.sampled_from(["failed", "interrupted"]))
    def fail(self, data: Any, reason: str) -> None:
        fail(self.stage, self._one(data), reason)

    @in_training
    @rule(data=st.data())
    def die(self, data: Any) -> None:
        trial = self._one(data)
        storage = self.database.storage
        storage.set_trial_system_attr(trial._trial_id, record.OWNER, DEAD.as_dict())
        self.dead.append(trial)

    @precondition(lambda machine: machine.dead)
    @rule(data=st.data())
    def rise(self, data: Any) -> None:
        """A worker that was taken for dead says that its trial is trained."""
        trial = self.dead.pop(data.draw(st.integers(0, len(self.dead) - 1)))
        if self.stage.trials()[trial.number].state == TrialState.RUNNING:
            self._complete(trial, 0.25)
        else:
            self.stage.study.tell(trial, 0.25, skip_if_finished=True)

    @precondition(lambda machine: machine.seeds < 3)
    @rule()
    def ask_for_more_seeds(self) -> None:
        self.seeds += 1
        self.joined()

    def _one(self, data: Any) -> Trial:
        return self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))

    def _complete(self, trial: Trial, value: float) -> None:
        storage = self.database.storage
        rows = [{"epoch": n, "seconds": 0.1, "height": value} for n in range(4)]
        storage.set_trial_system_attr(
            trial._trial_id, record.HISTORY, rows if math.isfinite(value) else rows[:0]
        )
        trial.set_user_attr(record.DIVERGED, not math.isfinite(value))
        self.stage.study.tell(trial, value)
        self.told[trial.number] = value

    @invariant()
    def no_cell_is_trained_twice(self) -> None:
        busy = (TrialState.RUNNING, TrialState.COMPLETE)
        at_work = Counter(
            trial.system_attrs[record.CELL] for trial in self.stage.trials() if trial.state in busy
        )
        assert max(at_work.values(), default=0) <= 1

    @invariant()
    def nobody_tries_for_ever(self) -> None:
        for reason, most in (("failed", MAX_FAILED_ATTEMPTS), ("lost", MAX_LOST_ATTEMPTS)):
            count = Counter(
                trial.system_attrs[record.CELL]
                for trial in self.stage.trials()
                if trial.user_attrs.get(record.END_REASON) == reason
            )
            assert max(count.values(), default=0) <= most

    @invariant()
    def a_trial_is_its_cell(self) -> None:
        keys = {cell.key: cell for cell in self._due(read_stage(self.stage.study))}
        for trial in self.stage.trials():
            cell = keys[trial.system_attrs[record.CELL]]
            assert trial.params == {**cell.point, "seed": cell.seed}
            assert trial.user_attrs[record.SEED] == cell.seed
            retried = trial.system_attrs.get(record.RETRY_OF)
            if retried is not None:
                assert self.stage.trials()[retried].params == trial.params

    def _due(self, stage: StageResults) -> list[Cell]:
        assert stage.plan is not None
        return stage.plan.due(stage.ledger, EVERYTHING)

    def teardown(self) -> None:
        """Those that are left do the rest; then every cell is there exactly once."""
        for trial in self.running:
            self._complete(trial, 0.5)
        while isinstance(taken := self.stage.take(LIVING), Trial):
            self._complete(taken, -abs(taken.params["x"] - 2.0))
        assert taken == Done("cells")
        stage = read_stage(self.stage.study)
        given_up = {cell.key for cell in self._due(stage) if self._is_given_up(cell, stage)}
        due = {cell.key for cell in self._due(stage)}
        done = [trial.cell for trial in stage.ended("completed", "diverged")]
        assert Counter(done) == Counter(due - given_up)
        assert not stage.ended("running")
        found = stage.progress()
        assert (found.done, found.left) == (len(done), 0)
        assert found.total == len(due) == found.done + found.given_up
        self._check_tables(stage, given_up)

    def _check_tables(self, stage: StageResults, given_up: set[str]) -> None:
        tables = comparisons(stage)
        assert [(table.planned.name, table.tuned) for table in tables] == [
            (comparison.label, tuned)
            for comparison in self.study.comparisons
            for tuned in ((False, True) if comparison.tune else (False,))
        ]
        plan: Any = stage.plan
        for table in tables:
            values = table.values()
            for row in table.levels:
                if row.point is None:
                    assert row.tuning is not None
                    assert row.tuning.hopeless
                    continue
                tuned = row.tuning.chosen if row.tuning is not None else {}
                cells = plan.repeats(table.planned, row.level, tuned)
                assert row.planned == len(cells) == self.seeds
                expected = {cell.seed for cell in cells if cell.key not in given_up}
                assert set(row.trials) == expected
                for cell in cells:
                    if cell.seed not in expected:
                        assert cell.key in {trial.cell for trial in row.failed}
                        continue
                    trial = row.trials[cell.seed]
                    assert stage.trials[trial.number] is trial
                    assert not trial.superseded
                    assert (trial.cell, trial.params) == (cell.key, cell.point)
                    told = self.told[trial.number]
                    measured = values[row.level][cell.seed]
                    assert measured == told or (math.isnan(measured) and told == -math.inf)

    def _is_given_up(self, cell: Cell, stage: StageResults) -> bool:
        mine = [trial for trial in stage.trials if trial.cell == cell.key]
        ended = Counter(trial.ending for trial in mine)
        here = Counter(trial.ending for trial in stage.trials if trial.params == cell.point)
        worked = here["completed"] + here["diverged"]
        return not ended["completed"] + ended["diverged"] and (
            ended["failed"] >= MAX_FAILED_ATTEMPTS
            or ended["lost"] >= MAX_LOST_ATTEMPTS
            or (here["failed"] >= MAX_FAILURES_AT_A_POINT and not worked)
        )


class WorkersOnSQLite(Workers):
    """The same, with a database in a file; without tuning, which takes many cells."""

    study = replace(STUDY, comparisons=[SHAPE, EPOCHS])

    def opened(self) -> Database:
        self.folder = tempfile.TemporaryDirectory()
        address = parse(f"sqlite:///{self.folder.name}/results.db")
        return open_database(address, create=True)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.folder.cleanup()


Workers.TestCase.settings = settings(max_examples=25, stateful_step_count=35)
TestWorkers = Workers.TestCase
WorkersOnSQLite.TestCase.settings = settings(max_examples=4, stateful_step_count=15)
TestWorkersOnSQLite = WorkersOnSQLite.TestCase
