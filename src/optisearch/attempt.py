"""One attempt at a trial: suggest a point, train it, tell how it ended."""

import contextlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from optisearch import record
from optisearch import space as spaces
from optisearch.errors import TrainingError
from optisearch.events import Ended, Listener, Started
from optisearch.live_run import LiveRun
from optisearch.storage_errors import is_database_error
from optisearch.study import Outcome, Study
from optisearch.tracebacks import cause, headline, own_frames
from optisearch.training import Trainer

if TYPE_CHECKING:
    import optuna


def attempt(
    trial: "optuna.Trial",
    study: Study,
    trainer: Trainer,
    *,
    stopping: Callable[[], bool],
    listener: Listener,
    evaluated_at_end: bool = False,
) -> Ended:
    """Train a trial and tell the database how it ended.

    Args:
        trial: The trial.
        study: What is trained.
        trainer: How.
        stopping: Whether the worker was asked to stop.
        listener: Is told of each epoch.
        evaluated_at_end: Whether the metric is there after the last epoch only.

    Raises:
        TrainingError: The monitored metric doesn't exist.
        Exception: The database fails.
    """
    started = time.perf_counter()
    failure: BaseException | None = None
    outcome = Outcome()
    run: LiveRun | None = None
    try:
        hp = _point(trial, study.space)
        epochs = getattr(hp, "epochs", None)
        listener(Started(trial.number, _shown(trial, hp), epochs))
        run = LiveRun(
            trial,
            study.metric,
            epochs,
            trial.user_attrs[record.SEED],
            stopping,
            listener,
            trainer,
            evaluated_at_end,
        )
        outcome = trainer.train(hp, run)
    except (Exception, SystemExit) as error:
        if run is None and is_database_error(error):
            raise
        failure = error
    except KeyboardInterrupt:
        _Ending("interrupted", None, run, study, None).store(
            trial, time.perf_counter() - started, outcome
        )
        raise
    seconds = time.perf_counter() - started
    if run is not None and run.fault is not None:
        if isinstance(run.fault, TrainingError):
            _Ending("failed", None, run, study, run.fault).store(trial, seconds, outcome)
        raise run.fault
    ending = _Ending.of(run, failure, study)
    ending.store(trial, seconds, outcome)
    return ending.event(trial.number, seconds)


def _is_cell(trial: "optuna.trial.BaseTrial") -> bool:
    """Whether a trial is a comparison's cell: those have their seed as a parameter."""
    return record.SEED in trial.params


def _point(trial: "optuna.Trial", space: type) -> Any:
    """What is trained. A cell brings its point along, and its seed as a parameter."""
    given = trial.params
    if not _is_cell(trial):
        return spaces.suggest(space, trial)
    return space(**{name: value for name, value in given.items() if name != record.SEED})


def _shown(trial: "optuna.Trial", hp: Any) -> dict[str, Any]:
    """What of a trial's parameters people want to see: of a cell what isn't the baseline's."""
    if not _is_cell(trial):
        return trial.params
    baseline = type(hp)()
    return {
        name: value
        for name, value in trial.params.items()
        if name == record.SEED or value != getattr(baseline, name)
    }


@dataclass(frozen=True)
class _Ending:
    """How an attempt ended, and what is stored of it."""

    reason: record.EndReason
    value: float | None
    run: LiveRun | None
    study: Study
    failure: BaseException | None

    @classmethod
    def of(cls, run: LiveRun | None, failure: BaseException | None, study: Study) -> "_Ending":
        from optuna import TrialPruned

        if run is not None and isinstance(failure, TrialPruned) and run.reason == "completed":
            # By the study's own judgement. A cell that ends so has no value that could be compared.
            run.reason = "completed" if _is_cell(run.trial) else "pruned"
        if run is None or (failure is not None and run.reason == "completed"):
            return cls("failed", None, run, study, failure)
        if not run.history:
            nothing = TrainingError("the training ended without reporting an epoch")
            return cls("failed", None, run, study, failure or nothing)
        if run.reason == "diverged":
            worst = -math.inf if study.direction == "maximize" else math.inf
            return cls("diverged", worst, run, study, None)
        value = run.history[-1].get(study.metric)
        if run.reason == "completed" and value is None:
            never = TrainingError(f"the training ended before {study.metric!r} was measured")
            return cls("failed", None, run, study, never)
        return cls(run.reason, value, run, study, None)

    def store(self, trial: "optuna.Trial", seconds: float, outcome: Outcome) -> None:
        from optuna.exceptions import UpdateFinishedTrialError

        # Someone may have declared this worker dead; then the trial is another's by now.
        with contextlib.suppress(UpdateFinishedTrialError):
            self._store(trial, seconds, outcome)

    def _store(self, trial: "optuna.Trial", seconds: float, outcome: Outcome) -> None:
        import optuna

        storage = trial.storage
        for key, value in self._attributes(seconds, outcome).items():
            storage.set_trial_user_attr(trial._trial_id, key, value)
        if self.run is not None and self.run.history:
            rows = [_jsonable(row) for row in self.run.history]
            storage.set_trial_system_attr(trial._trial_id, record.HISTORY, rows)
        if self.failure is not None:
            frames = own_frames(self.failure)
            storage.set_trial_system_attr(trial._trial_id, record.TRACEBACK, frames)
        states = optuna.trial.TrialState
        if self.reason in ("completed", "diverged"):
            trial.study.tell(trial, self.value, skip_if_finished=True)
        else:
            state = states.PRUNED if self.reason == "pruned" else states.FAIL
            trial.study.tell(trial, state=state, skip_if_finished=True)

    def _attributes(self, seconds: float, outcome: Outcome) -> dict[str, Any]:
        history = self.run.history if self.run is not None else []
        attributes: dict[str, Any] = {
            record.END_REASON: self.reason,
            record.SECONDS: round(seconds, 3),
            record.EPOCHS_TRAINED: len(history),
            record.DIVERGED: self.reason == "diverged",
        }
        if self.failure is not None:
            attributes[record.ERROR] = headline(self.failure)
        if outcome.parameters is not None:
            attributes[record.PARAMETERS] = outcome.parameters
        if history:
            # The median: the first epoch of a trial also traces its graph.
            per_epoch = median(row["seconds"] for row in history)
            attributes[record.SECONDS_PER_EPOCH] = round(per_epoch, 4)
            attributes |= self._best(history)
            last = {k: v for k, v in history[-1].items() if k not in ("epoch", "seconds")}
            attributes |= {k: v for k, v in last.items() if math.isfinite(v)}
        return attributes

    def _best(self, history: list[dict[str, Any]]) -> dict[str, Any]:
        metric = self.study.metric
        rows = [row for row in history if math.isfinite(row.get(metric, math.nan))]
        if not rows:
            return {}
        choose = max if self.study.direction == "maximize" else min
        best = choose(rows, key=lambda row: row[metric])
        return {
            record.BEST_EPOCH: best["epoch"],
            f"{record.BEST_PREFIX}{metric}": best[metric],
        }

    def event(self, number: int, seconds: float) -> Ended:
        if self.failure is None:
            return Ended(number, self.reason, self.value, seconds)
        return Ended(
            number,
            self.reason,
            None,
            seconds,
            cause=cause(self.failure),
            error=own_frames(self.failure),
        )


def _jsonable(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the history as strict JSON, which has no NaN and no infinity."""
    return {
        name: value if not isinstance(value, float) or math.isfinite(value) else str(value)
        for name, value in row.items()
    }
