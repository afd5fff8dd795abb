"""How an attempt at a trial ended, and what is stored of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, cast

from optisearch import record
from optisearch.errors import TrainingError
from optisearch.events import Ended
from optisearch.live_run import LiveRun, TrialTimeoutError
from optisearch.objectives import Objective, values
from optisearch.storage import Database
from optisearch.study import Outcome
from optisearch.tracebacks import cause, headline, own_frames

if TYPE_CHECKING:
    import optuna


def is_cell(trial: "optuna.trial.BaseTrial") -> bool:
    """Whether a trial is a comparison's cell: those have their seed as a parameter."""
    return record.SEED in trial.params


@dataclass(frozen=True)
class Ending:
    """How an attempt ended, and what is stored of it.

    Attributes:
        reason: How.
        value: The monitored metric at its last epoch; of a diverged one the worst infinity.
        run: Its run; None where it never began.
        objectives: Those of its stage.
        failure: What kept it from ending well.
    """

    reason: record.EndReason
    value: float | None
    run: LiveRun | None
    objectives: Sequence[Objective]
    failure: BaseException | None

    @classmethod
    def of(
        cls,
        run: LiveRun | None,
        failure: BaseException | None,
        objectives: Sequence[Objective],
    ) -> "Ending":
        from optuna import TrialPruned

        if run is not None and isinstance(failure, TrialPruned) and run.reason == "completed":
            # By the study's own judgement. A cell that ends so has no value that could be compared.
            run.reason = "completed" if is_cell(run.trial) else "pruned"
        if run is None or (failure is not None and run.reason == "completed"):
            return cls("failed", None, run, objectives, failure)
        if not run.history and run.reason == "completed":
            nothing = TrainingError("the training ended without reporting an epoch")
            return cls("failed", None, run, objectives, failure or nothing)
        if run.reason == "diverged":
            return cls("diverged", objectives[0].worst, run, objectives, None)
        # One that is interrupted in the middle of its first epoch has none.
        value = run.history[-1].get(run.metric) if run.history else None
        if run.reason == "completed" and value is None:
            never = TrainingError(f"the training ended before {run.metric!r} was measured")
            return cls("failed", None, run, objectives, never)
        return cls(run.reason, value, run, objectives, None)

    def store(
        self, database: Database, trial: "optuna.Trial", seconds: float, outcome: Outcome
    ) -> bool:
        """Tell the database, all at once.

        Returns:
            Whether it is this attempt that the trial ended with: someone may have declared this
            worker dead, and then the trial is another's by now.
        """
        from optuna.exceptions import UpdateFinishedTrialError

        kept = self.run.kept if self.run is not None else None
        rows = [jsonable(row) for row in self.run.history] if self.run is not None else []
        # Before the database is asked for anything: a bucket may take its time.
        link = kept.table(rows, self.reason) if kept is not None else {}
        system: dict[str, Any] = dict(link)
        if kept is not None and self.run is not None:
            system |= kept.model(self.value, self.run.trainer.model_values, self.reason)
        if rows:
            system[record.HISTORY] = rows
        if self.failure is not None:
            system[record.TRACEBACK] = own_frames(self.failure)
        user, tries = self._attributes(seconds, outcome), 0

        def tell() -> None:
            nonlocal tries
            tries += 1
            try:
                database.hold(trial._trial_id)
            except UpdateFinishedTrialError:
                # The database may have gone away after it was told, and before it said so.
                if tries == 1 or not self._was_told(trial):
                    raise
            else:
                database.set_attributes(trial._trial_id, user, system)
                self._tell(trial, user)

        is_told = True
        try:
            database.atomically(tell)
        except UpdateFinishedTrialError:
            is_told = False
        if kept is not None:
            kept.ended(self.reason if is_told else "lost")
        return is_told

    def _was_told(self, trial: "optuna.Trial") -> bool:
        stored = trial.storage.get_trial(trial._trial_id)
        return stored.user_attrs.get(record.END_REASON) == self.reason

    def _tell(self, trial: "optuna.Trial", attributes: Mapping[str, Any]) -> None:
        """As Optuna's `tell`, which asks the database three times for what is known here.

        None of our samplers wants to be told of a trial that ended.
        """
        from optuna.trial import TrialState

        states = {
            "completed": TrialState.COMPLETE,
            "diverged": TrialState.COMPLETE,
            "pruned": TrialState.PRUNED,
        }
        state = states.get(self.reason, TrialState.FAIL)
        trial.storage.set_trial_state_values(trial._trial_id, state, self._values(attributes))

    def _values(self, attributes: Mapping[str, Any]) -> list[float] | None:
        """A value for each objective, or none at all: Optuna knows nothing in between."""
        if self.reason == "diverged":
            # In all of them: with few parameters it would else be one of the best in those.
            return [each.worst for each in self.objectives]
        if self.reason == "pruned" and len(self.objectives) == 1 and self.value is not None:
            return [self.value]
        if self.reason != "completed" or self.run is None:
            return None
        found = values(self.objectives, self.run.history, attributes)
        return cast("list[float]", found)  # one that isn't known has ended the run

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
        monitored = self.objectives[0]
        metric = monitored.name
        rows = [row for row in history if math.isfinite(row.get(metric, math.nan))]
        if not rows:
            return {}
        best = min(rows, key=lambda row: monitored.loss(row[metric]))
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
            # Slow points aren't a common cause: a search may well come upon several in a row.
            cause="" if isinstance(self.failure, TrialTimeoutError) else cause(self.failure),
            error=own_frames(self.failure),
        )


def jsonable(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the history as strict JSON, which has no NaN and no infinity."""
    return {
        name: value if not isinstance(value, float) or math.isfinite(value) else str(value)
        for name, value in row.items()
    }
