"""How an attempt at a trial ends, and what is stored of it."""

import contextlib
import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.exceptions import StorageInternalError
from optuna.trial import FrozenTrial, TrialState

from optisearch import Comparison, Outcome, Study, record
from optisearch.artifacts import Artifacts, Place
from optisearch.artifacts.store import Store
from optisearch.attempt import attempt
from optisearch.errors import TrainingError
from optisearch.events import Ended, Epoch, Event, Started, silence
from optisearch.lease import Owner, end
from optisearch.stage import Stage
from optisearch.study import Run
from optisearch.training import OwnLoop, make_trainer

Train = Callable[[Any, Any, Run], Outcome | None]


@dataclass
class Attempted:
    """What is known after an attempt."""

    stored: FrozenTrial
    events: list[Event]
    ended: Ended | None = None

    @property
    def reason(self) -> str:
        assert self.ended is None or self.ended.reason == self.stored.user_attrs[record.END_REASON]
        return str(self.stored.user_attrs[record.END_REASON])

    @property
    def history(self) -> list[dict[str, Any]]:
        rows = self.stored.system_attrs[record.HISTORY]
        assert all(row["seconds"] >= 0 for row in rows)
        return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


@pytest.fixture
def stage(open_parabola: Callable[..., Stage]) -> Stage:
    return open_parabola()


@pytest.fixture
def attempted(stage: Stage, parabola: Study, owner: Owner) -> Callable[..., Attempted]:
    """Attempts the baseline (three epochs) with a `train` function."""

    def run(
        train: Train | None = None,
        *,
        stopping: Any = bool,
        limit_seconds: float = math.inf,
        artifacts: Artifacts | None = None,
        **changes: Any,
    ) -> Attempted:
        study = replace(parabola, train=train or parabola.train, **changes)
        trial = stage.take(owner)
        assert isinstance(trial, optuna.Trial)
        events: list[Event] = []
        trainer = make_trainer(study, None)
        ended = attempt(
            *(trial, study, trainer),
            database=stage.database,
            stopping=stopping,
            listener=events.append,
            limit_seconds=limit_seconds,
            artifacts=artifacts,
        )
        return Attempted(stage.trials()[-1], events, ended)

    return run


class PruneAt(optuna.pruners.BasePruner):
    """Prunes at an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        return trial.last_step is not None and trial.last_step >= self.epoch


def reports(*heights: float) -> Train:
    """A training that reports these values of the metric."""

    def train(_hp: Any, _data: Any, run: Run) -> None:
        for epoch, height in enumerate(heights):
            run.report(epoch, {"height": height})

    return train


def test_a_completed_trial(attempted: Callable[..., Attempted]) -> None:
    found = attempted()
    assert found.reason == "completed"
    assert found.stored.state == TrialState.COMPLETE
    assert found.stored.value == found.stored.intermediate_values[2]
    assert found.stored.params == {"x": 5.0, "shape": "flat", "epochs": 3}
    assert found.history == [
        {"epoch": epoch, "height": 1.0 - 9.0 - 1.0 / (epoch + 1), "depth": 9.0}
        for epoch in range(3)
    ]
    attributes = found.stored.user_attrs
    assert {name: attributes[name] for name in ("height", "depth", "best_height")} == {
        "height": found.stored.value,
        "depth": 9.0,
        "best_height": found.stored.value,
    }
    assert attributes[record.BEST_EPOCH] == 2
    assert attributes[record.EPOCHS_TRAINED] == 3
    assert attributes[record.PARAMETERS] == 2
    assert attributes[record.DIVERGED] is False
    assert attributes[record.SECONDS] >= 0
    assert attributes[record.SECONDS_PER_EPOCH] >= 0
    assert all(isinstance(value, bool | int | float | str) for value in attributes.values())


def test_whoever_watches_is_told(attempted: Callable[..., Attempted]) -> None:
    found = attempted()
    started, *epochs = found.events
    assert started == Started(0, {"x": 5.0, "shape": "flat", "epochs": 3}, 3)
    values = found.stored.intermediate_values
    assert epochs == [Epoch(0, epoch, value) for epoch, value in values.items()]
    assert found.ended is not None
    assert (found.ended.number, found.ended.value) == (0, found.stored.value)


def test_the_value_is_the_last_epochs_and_the_best_is_recorded_beside_it(
    attempted: Callable[..., Attempted],
) -> None:
    found = attempted(reports(0.5, 0.9, 0.7))
    assert found.stored.value == 0.7
    assert found.stored.user_attrs[record.BEST_EPOCH] == 1
    assert found.stored.user_attrs["best_height"] == 0.9


def test_the_best_of_a_minimized_metric_is_the_smallest(
    attempted: Callable[..., Attempted],
) -> None:
    found = attempted(reports(0.5, 0.3, 0.7), maximize="", minimize="height")
    assert found.stored.user_attrs["best_height"] == 0.3


def test_a_hopeless_trial_is_pruned(stage: Stage, attempted: Callable[..., Attempted]) -> None:
    stage.study.pruner = PruneAt(1)
    found = attempted()
    assert found.reason == "pruned"
    assert found.stored.state == TrialState.PRUNED
    assert list(found.stored.intermediate_values) == [0, 1]
    assert found.stored.value == found.stored.intermediate_values[1]


def test_a_trial_that_is_trained_is_not_pruned(
    stage: Stage, attempted: Callable[..., Attempted]
) -> None:
    stage.study.pruner = PruneAt(2)
    assert attempted().reason == "completed"


def test_a_study_may_prune_by_its_own_judgement(attempted: Callable[..., Attempted]) -> None:
    def train(_hp: Any, _data: Any, run: Run) -> None:
        run.report(0, {"height": 0.5})
        raise optuna.TrialPruned

    found = attempted(train)
    assert (found.reason, found.stored.value) == ("pruned", 0.5)


def test_a_cell_that_prunes_itself_failed(
    open_compare: Callable[..., Stage], parabola: Study, owner: Owner
) -> None:
    """It has no value that could stand beside the others', and isn't tried for ever."""

    def train(_hp: Any, _data: Any, run: Run) -> None:
        run.report(0, {"height": 0.5})
        raise optuna.TrialPruned

    stage = open_compare(seeds=1)
    study = replace(parabola, train=train)
    trial = stage.take(owner)
    assert isinstance(trial, optuna.Trial)
    trainer = make_trainer(study, None)
    ended = attempt(trial, study, trainer, database=stage.database, stopping=bool, listener=silence)
    assert ended.reason == "failed"
    (stored,) = stage.trials()
    assert stored.state == TrialState.FAIL
    assert stored.user_attrs[record.END_REASON] == "failed"
    assert "TrialPruned" in stored.user_attrs[record.ERROR]


def test_of_a_cell_is_shown_what_is_not_the_baselines(
    open_compare: Callable[..., Stage], parabola: Study, owner: Owner
) -> None:
    stage = open_compare(Comparison("x", levels=[1.0, 5.0]), seeds=1)
    trial = stage.take(owner)
    assert isinstance(trial, optuna.Trial)
    events: list[Event] = []
    attempt(
        *(trial, parabola, make_trainer(parabola, None)),
        database=stage.database,
        stopping=bool,
        listener=events.append,
    )
    assert events[0] == Started(0, {"x": 1.0, "seed": trial.params["seed"]}, 3)


def test_a_loop_that_swallows_the_end_is_ended_again(
    stage: Stage, attempted: Callable[..., Attempted]
) -> None:
    stage.study.pruner = PruneAt(0)

    def train(_hp: Any, _data: Any, run: Run) -> None:
        for epoch in range(3):
            try:
                run.report(epoch, {"height": float(epoch)})
            except optuna.TrialPruned:
                continue
        raise ValueError("what follows doesn't matter any more")

    found = attempted(train)
    assert found.reason == "pruned"
    assert found.stored.intermediate_values == {0: 0.0}
    assert record.ERROR not in found.stored.user_attrs


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(("direction", "worst"), [("maximize", -math.inf), ("minimize", math.inf)])
def test_a_metric_that_is_no_number_diverges_at_once_with_the_worst_value(
    attempted: Callable[..., Attempted], odd: float, direction: str, worst: float
) -> None:
    metric = {"maximize": "", "minimize": ""} | {direction: "height"}
    found = attempted(reports(0.5, odd, 0.9), **metric)
    assert found.reason == "diverged"
    assert found.stored.state == TrialState.COMPLETE
    assert found.stored.value == worst
    assert found.stored.user_attrs[record.DIVERGED] is True
    assert found.stored.user_attrs[record.EPOCHS_TRAINED] == 2
    assert found.stored.user_attrs["best_height"] == 0.5
    assert found.stored.intermediate_values == {0: 0.5}
    assert found.history[1] == {"epoch": 1, "height": str(odd)}
    json.dumps(found.stored.system_attrs, allow_nan=False)
    json.dumps(found.stored.user_attrs, allow_nan=False)


def test_any_metric_that_is_no_number_diverges(attempted: Callable[..., Attempted]) -> None:
    def train(_hp: Any, _data: Any, run: Run) -> None:
        run.report(0, {"height": 0.5, "loss": math.nan})

    found = attempted(train)
    assert found.reason == "diverged"
    assert "loss" not in found.stored.user_attrs


def test_a_failure_keeps_the_users_own_frames(attempted: Callable[..., Attempted]) -> None:
    def train(_hp: Any, _data: Any, run: Run) -> None:
        run.report(0, {"height": 0.5})
        raise ValueError("two\nlines")

    found = attempted(train)
    assert found.reason == "failed"
    assert found.stored.state == TrialState.FAIL
    assert found.stored.user_attrs[record.ERROR] == "ValueError: two lines"
    assert "own_loop.py" not in found.stored.system_attrs[record.TRACEBACK]
    assert "in train" in found.stored.system_attrs[record.TRACEBACK]
    assert found.history == [{"epoch": 0, "height": 0.5}]
    assert found.ended is not None
    assert found.ended.cause.startswith("ValueError at test_attempt.py:")
    assert found.ended.error == found.stored.system_attrs[record.TRACEBACK]


def test_a_metric_that_is_no_scalar_is_a_failure(attempted: Callable[..., Attempted]) -> None:
    def train(_hp: Any, _data: Any, run: Run) -> None:
        run.report(0, {"height": "high"})  # type: ignore[dict-item]

    assert attempted(train).reason == "failed"


def test_a_point_that_cannot_be_suggested_is_a_failure(
    attempted: Callable[..., Attempted],
) -> None:
    @dataclass(frozen=True)
    class Broken:
        @classmethod
        def suggest(cls, trial: Any) -> None:
            raise ValueError("no point")

    found = attempted(space=Broken)
    assert found.reason == "failed"
    assert found.stored.user_attrs[record.ERROR] == "ValueError: no point"


def test_a_training_without_a_report_is_a_failure(attempted: Callable[..., Attempted]) -> None:
    found = attempted(lambda _hp, _data, _run: None)
    assert found.reason == "failed"
    assert "without reporting an epoch" in found.stored.user_attrs[record.ERROR]


def test_a_worker_that_is_to_stop_interrupts_the_trial_at_its_next_epoch(
    attempted: Callable[..., Attempted],
) -> None:
    found = attempted(stopping=lambda: True)
    assert found.reason == "interrupted"
    assert found.stored.state == TrialState.FAIL
    assert found.stored.user_attrs[record.EPOCHS_TRAINED] == 1


def test_a_worker_that_is_to_stop_interrupts_the_trial_in_the_middle_of_its_first_epoch(
    attempted: Callable[..., Attempted],
) -> None:
    found = attempted(lambda _hp, _data, run: run.within(0, 0.5, {}), stopping=lambda: True)
    assert found.reason == "interrupted"
    assert found.stored.state == TrialState.FAIL
    assert record.ERROR not in found.stored.user_attrs


def test_a_trial_at_its_last_epoch_is_not_interrupted(
    attempted: Callable[..., Attempted],
) -> None:
    answers = iter([False, False, True])
    assert attempted(stopping=lambda: next(answers)).reason == "completed"


def test_a_second_signal_ends_the_trial_within_the_epoch(
    stage: Stage, attempted: Callable[..., Attempted]
) -> None:
    def train(_hp: Any, _data: Any, run: Run) -> None:
        run.report(0, {"height": 0.5})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempted(train)
    (trial,) = stage.trials()
    assert trial.state == TrialState.FAIL
    assert Attempted(trial, []).reason == "interrupted"
    assert Attempted(trial, []).history == [{"epoch": 0, "height": 0.5}]


def test_a_missing_metric_names_those_that_were_reported(
    stage: Stage, attempted: Callable[..., Attempted]
) -> None:
    with pytest.raises(TrainingError) as caught:
        attempted(maximize="hight")
    assert str(caught.value).startswith(
        "maximize/minimize: there is no metric 'hight'; those reported are depth, height. Name one"
    )
    assert stage.trials()[0].state == TrialState.FAIL  # nobody else has to find it


@pytest.fixture
def several(parabola: Study) -> Study:
    """Height and depth of an epoch, and what the trial takes."""
    return replace(parabola, minimize=("parameters", "depth", "epochs_to_target"), target=-8.5)


@pytest.fixture
def tried(
    several: Study, open_parabola: Callable[..., Stage], owner: Owner
) -> Callable[..., FrozenTrial]:
    """Attempts the baseline of several objectives with a `train` function."""

    def run(train: Train | None = None, pruner: Any = None) -> FrozenTrial:
        study = replace(several, train=train or several.train)
        stage = open_parabola(study=study)
        stage.study.pruner = pruner or stage.study.pruner
        trial = stage.take(owner)
        assert isinstance(trial, optuna.Trial)
        made = {"database": stage.database, "stopping": bool, "listener": silence}
        attempt(trial, study, make_trainer(study, None), **made)
        return stage.trials()[-1]

    return run


def test_a_completed_trial_has_a_value_for_each_objective(
    tried: Callable[..., FrozenTrial],
) -> None:
    trial = tried()
    assert trial.values == [1.0 - 9.0 - 1.0 / 3, 2.0, 9.0, 2.0]
    assert trial.intermediate_values[2] == trial.values[0]
    assert trial.user_attrs["best_height"] == trial.values[0]


def test_a_diverged_trial_is_the_worst_in_each_objective(
    tried: Callable[..., FrozenTrial],
) -> None:
    trial = tried(lambda _hp, _data, run: run.report(0, {"height": 1.0, "depth": math.nan}))
    assert (trial.state, trial.values) == (TrialState.COMPLETE, [-math.inf, *[math.inf] * 3])


def test_a_trial_that_is_pruned_by_the_first_objective_has_no_values(
    tried: Callable[..., FrozenTrial],
) -> None:
    trial = tried(pruner=PruneAt(1))
    assert (trial.state, trial.values) == (TrialState.PRUNED, None)
    assert list(trial.intermediate_values) == [0, 1]


def test_each_metric_that_is_an_objective_has_to_be_reported(
    tried: Callable[..., FrozenTrial],
) -> None:
    with pytest.raises(TrainingError, match="there is no metric 'depth'; those reported are h"):
        tried(lambda _hp, _data, run: run.report(0, {"height": 1.0}))


def test_a_cost_that_nobody_tells_is_an_error_with_its_remedy(
    tried: Callable[..., FrozenTrial],
) -> None:
    def train(_hp: Any, _data: Any, run: Run) -> None:
        for epoch in range(3):
            run.report(epoch, {"height": 1.0, "depth": 0.0})

    with pytest.raises(TrainingError, match="nothing says how many parameters") as caught:
        tried(train)
    assert "Outcome(parameters=" in caught.value.remedy


def test_a_missing_metric_can_not_be_swallowed(attempted: Callable[..., Attempted]) -> None:
    def train(_hp: Any, _data: Any, run: Run) -> None:
        for epoch in range(2):
            try:
                run.report(epoch, {"loss": 1.0})
            except Exception:
                continue

    with pytest.raises(TrainingError, match="those reported are loss"):
        attempted(train)


def test_a_trial_that_was_taken_for_dead_is_left_to_the_others(
    stage: Stage, attempted: Callable[..., Attempted]
) -> None:
    def train(_hp: Any, _data: Any, run: Run) -> None:
        run.report(0, {"height": 0.5})
        stage.study.tell(run.number, state=TrialState.FAIL)

    found = attempted(train)
    assert found.stored.state == TrialState.FAIL
    assert record.END_REASON not in found.stored.user_attrs


def test_a_run_knows_its_number_and_seed(attempted: Callable[..., Attempted]) -> None:
    seen: list[tuple[int, int]] = []

    def train(_hp: Any, _data: Any, run: Run) -> None:
        seen.append((run.number, run.seed))
        run.report(0, {"height": 0.5})

    found = attempted(train)
    assert seen == [(0, found.stored.user_attrs[record.SEED])]


def test_numpy_metrics_are_stored_as_plain_numbers(attempted: Callable[..., Attempted]) -> None:
    import numpy as np

    def train(_hp: Any, _data: Any, run: Run) -> None:
        run.report(0, {"height": np.float32(0.5)})  # type: ignore[dict-item]

    assert type(attempted(train).history[0]["height"]) is float


def test_leaving_python_is_a_failure_of_the_trial(attempted: Callable[..., Attempted]) -> None:
    found = attempted(lambda _hp, _data, _run: sys.exit(3))
    assert found.reason == "failed"
    assert found.stored.user_attrs[record.ERROR] == "SystemExit: 3"


def test_a_worker_that_was_taken_for_dead_drops_its_result(
    stage: Stage, attempted: Callable[..., Attempted]
) -> None:
    def train(_hp: Any, _data: Any, run: Run) -> None:
        run.report(0, {"height": 1.0})
        stage.database.storage.set_trial_state_values(stage.trials()[0]._trial_id, TrialState.FAIL)
        run.report(1, {"height": 2.0})

    found = attempted(train)
    assert found.ended is not None
    assert found.ended.reason == "lost"
    assert found.stored.intermediate_values == {0: 1.0}
    assert found.stored.state == TrialState.FAIL


@pytest.mark.parametrize("method", ["set_trial_intermediate_value", "get_all_trials"])
def test_a_database_that_fails_is_not_the_studys_failure(
    stage: Stage,
    attempted: Callable[..., Attempted],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    """Even where the study's loop swallows the exception."""

    def fail(*_arguments: Any, **_options: Any) -> None:
        raise StorageInternalError("gone")

    def train(_hp: Any, _data: Any, run: Run) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(stage.database.storage, method, fail)
            with contextlib.suppress(Exception):
                run.report(0, {"height": 1.0})

    stage.study.pruner = optuna.pruners.MedianPruner(n_startup_trials=0)
    with pytest.raises(StorageInternalError, match="gone"):
        attempted(train)
    assert stage.trials()[0].state == TrialState.RUNNING


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(Store(Place("folder", str(tmp_path / "kept")), print), every_seconds=0.0)


def kept(artifacts: Artifacts) -> list[str]:
    assert artifacts.store is not None
    folder = Path(artifacts.store.place.name)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def going_on(seen: list[Any] | None = None) -> Train:
    """Three epochs that leave checkpoints of their history, and go on from one."""

    def train(_hp: Any, _data: Any, run: Any) -> None:
        found = run.kept.checkpoint()
        if found is not None:
            run.go_on(json.loads(found))
        for epoch in range(len(run.history), 3):
            run.report(epoch, {"height": epoch / 2}, lambda: json.dumps(run.history).encode())
            if seen is not None:
                seen.append(run.kept.checkpoint())

    return train


def test_a_trial_that_ended_leaves_a_table_and_no_checkpoint(
    attempted: Callable[..., Attempted], artifacts: Artifacts
) -> None:
    seen: list[Any] = []
    found = attempted(going_on(seen), artifacts=artifacts)
    assert [len(json.loads(each)) for each in seen] == [1, 2, 2]  # none at the end
    (link,) = [key for key in found.stored.system_attrs if key.startswith("artifacts:")]
    assert kept(artifacts) == [link.removeprefix("artifacts:")]


def test_a_trial_that_was_interrupted_goes_on(
    stage: Stage, attempted: Callable[..., Attempted], artifacts: Artifacts
) -> None:
    answers = iter([False, True])
    cut = attempted(going_on(), artifacts=artifacts, stopping=lambda: next(answers))
    assert (cut.reason, cut.stored.system_attrs[record.CHECKPOINT]["epochs"]) == ("interrupted", 2)
    assert kept(artifacts) == [cut.stored.system_attrs[record.CHECKPOINT]["id"]]
    found = attempted(going_on(), artifacts=artifacts)
    assert found.stored.system_attrs[record.RETRY_OF] == 0
    assert found.reason == "completed"
    assert found.history == [{"epoch": epoch, "height": epoch / 2} for epoch in range(3)]
    assert found.stored.intermediate_values == {0: 0.0, 1: 0.5, 2: 1.0}
    assert [event for event in found.events if isinstance(event, Epoch)] == [Epoch(1, 2, 1.0)]
    attributes = found.stored.user_attrs
    assert (attributes[record.EPOCHS_TRAINED], attributes[record.BEST_EPOCH]) == (3, 2)
    rows, before = found.stored.system_attrs[record.HISTORY], cut.stored.system_attrs
    assert rows[:2] == before[record.HISTORY]
    assert attributes[record.SECONDS] >= round(sum(row["seconds"] for row in rows), 3)
    assert len(kept(artifacts)) == 1


def test_what_was_trained_before_is_not_judged_again(
    stage: Stage, attempted: Callable[..., Attempted], artifacts: Artifacts
) -> None:
    """But pruners that note how a trial stood at an epoch, note it."""
    answers = iter([False, True])
    attempted(going_on(), artifacts=artifacts, stopping=lambda: next(answers))
    asked: list[int | None] = []

    class Pruner(PruneAt):
        def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
            asked.append(trial.last_step)
            return True

    stage.study.pruner = Pruner(0)
    assert attempted(going_on(), artifacts=artifacts).reason == "completed"
    assert asked == [0, 1]


def test_asha_knows_a_trial_that_goes_on_as_it_was(
    stage: Stage, attempted: Callable[..., Attempted], artifacts: Artifacts
) -> None:
    stage.study.pruner = optuna.pruners.SuccessiveHalvingPruner(
        min_resource=1, reduction_factor=2, min_early_stopping_rate=0
    )
    answers = iter([False, True])
    cut = attempted(going_on(), artifacts=artifacts, stopping=lambda: next(answers))
    found = attempted(going_on(), artifacts=artifacts)
    rungs = {key: value for key, value in cut.stored.system_attrs.items() if "rung" in key}
    assert rungs
    assert rungs.items() <= found.stored.system_attrs.items()


@pytest.mark.parametrize("reason", ["pruned", "diverged", "failed"])
def test_however_a_trial_ends_its_checkpoint_goes(
    stage: Stage, attempted: Callable[..., Attempted], artifacts: Artifacts, reason: str
) -> None:
    def train(_hp: Any, _data: Any, run: Any) -> None:
        run.report(0, {"height": 0.5}, lambda: b"state")
        assert len(kept(artifacts)) == 1
        if reason == "failed":
            raise ValueError
        stage.study.pruner = PruneAt(1)
        run.report(1, {"height": math.nan if reason == "diverged" else 0.5}, lambda: b"state")

    found = attempted(train, artifacts=artifacts)
    assert found.reason == reason
    (left,) = kept(artifacts)  # the table
    assert f"artifacts:{left}" in found.stored.system_attrs


def test_a_worker_that_was_taken_for_dead_leaves_the_checkpoint_to_the_others(
    stage: Stage, attempted: Callable[..., Attempted], artifacts: Artifacts
) -> None:
    seen: list[list[str]] = []

    def train(_hp: Any, _data: Any, run: Any) -> None:
        run.report(0, {"height": 0.5}, lambda: b"state")
        seen.append(kept(artifacts))
        stage.study.tell(run.number, state=TrialState.FAIL)

    attempted(train, artifacts=artifacts)
    assert set(seen[0]) <= set(kept(artifacts))


def test_a_database_that_fails_while_a_checkpoint_is_noted_fails_no_trial(
    stage: Stage,
    attempted: Callable[..., Attempted],
    artifacts: Artifacts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_arguments: Any) -> None:
        raise StorageInternalError("gone")

    def train(_hp: Any, _data: Any, run: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(stage.database.storage, "set_trial_system_attr", fail)
            with contextlib.suppress(Exception):
                run.report(0, {"height": 1.0}, lambda: b"state")

    with pytest.raises(StorageInternalError, match="gone"):
        attempted(train, artifacts=artifacts)
    assert stage.trials()[0].state == TrialState.RUNNING


def test_a_trial_that_takes_too_long_failed(attempted: Callable[..., Attempted]) -> None:
    def train(_hp: Any, _data: Any, run: Any) -> None:
        run.report(0, {"height": 0.5})

    found = attempted(train, limit_seconds=1e-9)
    assert found.reason == "failed"
    error = "TrialTimeoutError: it took longer than 1e-09 seconds (--trial-timeout)"
    assert found.stored.user_attrs[record.ERROR] == error
    # Several slow ones in a row are no reason to stop: they have no cause in common.
    assert found.ended is not None
    assert found.ended.cause == ""


def test_what_another_attempt_took_counts(attempted: Callable[..., Attempted]) -> None:
    def train(_hp: Any, _data: Any, run: Any) -> None:
        run.go_on([{"epoch": 0, "seconds": 3600.0, "height": 0.5}])
        run.report(1, {"height": 0.5})

    assert attempted(train, limit_seconds=3600.0).reason == "failed"


def test_who_was_taken_for_dead_says_that_the_trial_is_lost(
    stage: Stage, attempted: Callable[..., Attempted]
) -> None:
    def train(_hp: Any, _data: Any, run: Any) -> None:
        run.report(2, {"height": 0.5})
        end(stage.database, run.trial._trial_id, "lost")

    found = attempted(train)
    assert found.stored.state == TrialState.FAIL
    assert found.stored.user_attrs == {
        record.WORKER: found.stored.user_attrs[record.WORKER],
        record.SEED: found.stored.user_attrs[record.SEED],
        record.END_REASON: "lost",
    }
    assert found.ended is not None
    assert found.ended.reason == "lost"


def test_the_best_model_is_kept(
    attempted: Callable[..., Attempted], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OwnLoop, "model_values", lambda _self: b"a model")
    folder = tmp_path / "kept"
    artifacts = Artifacts(Store(Place("folder", str(folder)), print), keep_models=1)
    ends = [attempted(reports(height), artifacts=artifacts) for height in (0.5, 0.4, 0.7)]
    named = [each.stored.system_attrs.get(record.MODEL, {}).get("id") for each in ends]
    assert named[1] is None
    assert [path.name for path in folder.glob("model-*")] == [named[2]]
    assert named[0] not in (None, named[2])
