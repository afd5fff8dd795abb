"""One attempt at a trial: suggest a point, train it, tell how it ended."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from optisearch import record
from optisearch import space as spaces
from optisearch.artifacts import Artifacts
from optisearch.ending import Ending, is_cell
from optisearch.errors import TrainingError
from optisearch.events import Ended, Listener, Started
from optisearch.live_run import LiveRun
from optisearch.objectives import Objective
from optisearch.storage import Database
from optisearch.storage.errors import is_database_error
from optisearch.study import Outcome, Study
from optisearch.tracking import Following
from optisearch.training import Trainer

if TYPE_CHECKING:
    import optuna


def attempt(
    trial: "optuna.Trial",
    study: Study,
    trainer: Trainer,
    *,
    database: Database,
    stopping: Callable[[], bool],
    listener: Listener,
    evaluated_at_end: bool = False,
    limit_seconds: float = math.inf,
    artifacts: Artifacts | None = None,
    objectives: Sequence[Objective] | None = None,
    following: Following | None = None,
) -> Ended:
    """Train a trial and tell the database how it ended.

    Args:
        trial: The trial.
        study: What is trained.
        trainer: How.
        database: Where the trial is.
        stopping: Whether the worker was asked to stop.
        listener: Is told of each epoch.
        evaluated_at_end: Whether the metric is there after the last epoch only.
        limit_seconds: How long the trial may take.
        artifacts: Where checkpoints are kept, and tables of epochs.
        objectives: Those that its stage has; by default the study's.
        following: Tells other tools that the trial began, and its epochs.

    Raises:
        TrainingError: A metric that is an objective doesn't exist, or a cost isn't known.
        Exception: The database fails.
    """
    started = time.perf_counter()
    aims = study.objectives if objectives is None else objectives
    failure: BaseException | None = None
    outcome = Outcome()
    run: LiveRun | None = None
    following = following or Following()
    try:
        with database.gathering(trial._trial_id):
            hp = _point(trial, study.space)
        epochs = getattr(hp, "epochs", None)
        listener(Started(trial.number, _shown(trial, hp), epochs))
        following.begin(trial)
        run = LiveRun(
            trial,
            aims[0].name,
            epochs,
            trial.user_attrs[record.SEED],
            stopping,
            listener,
            trainer,
            evaluated_at_end,
            limit_seconds,
            artifacts.of(trial) if artifacts is not None else None,
            following.row,
            others=tuple(each.name for each in aims[1:] if not each.is_cost),
        )
        outcome = trainer.train(hp, run)
    except (Exception, SystemExit) as error:
        if run is None and is_database_error(error):
            raise
        failure = error
    except KeyboardInterrupt:
        ending = Ending("interrupted", None, run, aims, None)
        ending.store(database, trial, _since(started, run), outcome)
        raise
    seconds = _since(started, run)
    if run is not None and outcome.parameters is None:
        outcome = replace(outcome, parameters=run.parameters)
    if run is not None and failure is None and run.reason == "completed":
        run.fault = run.fault or _unknown_cost(aims, outcome)
    if run is not None and run.fault is not None:
        if isinstance(run.fault, TrainingError):
            ending = Ending("failed", None, run, aims, run.fault)
            ending.store(database, trial, seconds, outcome)
        raise run.fault
    ending = Ending.of(run, failure, aims)
    if not ending.store(database, trial, seconds, outcome):
        return Ended(trial.number, "lost", None, seconds)
    return ending.event(trial.number, seconds)


def _unknown_cost(objectives: Sequence[Objective], outcome: Outcome) -> TrainingError | None:
    """The error of a cost that only the study's own loop could tell."""
    if outcome.parameters is not None or record.PARAMETERS not in (o.name for o in objectives):
        return None
    return TrainingError(
        f"nothing says how many {record.PARAMETERS} the trained model has, which is an objective",
        where="train",
        remedy="Have it return `Outcome(parameters=…)`, or train its Keras model by `run.fit`",
    )


def _since(started: float, run: LiveRun | None) -> float:
    """What the trial took, with the epochs that it took over."""
    return time.perf_counter() - started + (run.seconds_before if run is not None else 0.0)


def _point(trial: "optuna.Trial", space: type) -> Any:
    """What is trained. A cell brings its point along, and its seed as a parameter."""
    given = trial.params
    if not is_cell(trial):
        return spaces.suggest(space, trial)
    return space(**{name: value for name, value in given.items() if name != record.SEED})


def _shown(trial: "optuna.Trial", hp: Any) -> dict[str, Any]:
    """What of a trial's parameters people want to see: of a cell what isn't the baseline's."""
    if not is_cell(trial):
        return trial.params
    baseline = type(hp)()
    return {
        name: value
        for name, value in trial.params.items()
        if name == record.SEED or value != getattr(baseline, name)
    }
