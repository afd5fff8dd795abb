"""The `Run` of a trial that is in training."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optisearch import record
from optisearch.events import Epoch, Listener, Within
from optisearch.training import Trainer, missing_metric

if TYPE_CHECKING:
    import keras
    import optuna


# Watchers are told that often how far a long epoch is.
_LOOK_SECONDS = 1.0


@dataclass
class LiveRun:
    """The `Run` of a trial that is in training: records epochs and decides when it ends.

    Attributes:
        trial: Optuna's trial.
        metric: The monitored metric.
        epochs: How many epochs the trial will have, or None where the space doesn't say.
        seed: The trial's seed.
        stopping: Whether the worker was asked to stop.
        listener: Who is told of each epoch.
        trainer: Whose fitter trains models for it.
        evaluated_at_end: Whether the metric is there after the last epoch only.
    """

    trial: "optuna.trial.BaseTrial"
    metric: str
    epochs: int | None
    seed: int
    stopping: Callable[[], bool]
    listener: Listener
    trainer: Trainer
    evaluated_at_end: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)
    reason: record.EndReason = "completed"
    # What isn't the trial's failure: the study's mistake (a metric that doesn't exist), or the
    # database's. Kept in case the study's `train` swallows the exception.
    fault: Exception | None = None
    _last: float = field(default_factory=time.perf_counter)
    _looked: float = 0.0

    @property
    def number(self) -> int:
        return self.trial.number

    @property
    def callbacks(self) -> "list[keras.callbacks.Callback]":
        from optisearch.training.callbacks import ReportEpochs

        return [ReportEpochs(self)]

    def fit(
        self,
        model: "keras.Model",
        train: Any,
        validation: Any = None,
        *,
        callbacks: "Sequence[keras.callbacks.Callback]" = (),
        **arguments: Any,
    ) -> "keras.callbacks.History":
        """See `Run.fit`."""
        from optisearch.training.options import FitOptions

        return self.trainer.fitter.fit_in_place(
            *(model, train, validation, FitOptions.given(arguments)),
            seed=self.seed,
            callbacks=[*callbacks, *self.callbacks],
        )

    def report(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """See `Run.report`."""
        if self.reason != "completed":
            self._end(self.reason, epoch)  # the loop went on regardless
        now = time.perf_counter()
        values = {name: float(value) for name, value in metrics.items()}
        is_last = self.epochs is not None and epoch + 1 >= self.epochs
        is_silent = self.evaluated_at_end and not is_last and self.metric not in values
        if self.metric not in values and not is_silent:
            self.fault = missing_metric(self.metric, values)
            raise self.fault
        self.history.append({"epoch": epoch, "seconds": now - self._last, **values})
        self._last = now
        if not all(map(math.isfinite, values.values())):
            self._end("diverged", epoch)
        if not is_silent:
            self._store(epoch, values[self.metric])
            self.listener(Epoch(self.number, epoch, values[self.metric]))
        if is_last:
            return  # it is trained: neither worth pruning nor interrupting
        if self._is_hopeless():
            self._end("pruned", epoch)
        if self.stopping():
            self._end("interrupted", epoch)

    def within(self, epoch: int, share: float, metrics: Mapping[str, float]) -> None:
        """Look at the trial in the middle of an epoch, `share` of which is done.

        It ends there when its loss is no number any more, or the worker was asked to stop.
        """
        if not math.isfinite(metrics.get("loss", 0.0)):
            values = {name: float(value) for name, value in metrics.items()}
            seconds = time.perf_counter() - self._last
            self.history.append({"epoch": epoch, "seconds": seconds, **values})
            self._end("diverged", epoch)
        if self.stopping():
            self._end("interrupted", epoch)
        now = time.perf_counter()
        if now - max(self._last, self._looked) >= _LOOK_SECONDS:
            self._looked = now
            self.listener(Within(self.number, epoch, share))

    def _store(self, epoch: int, value: float) -> None:
        from optuna.exceptions import UpdateFinishedTrialError

        try:
            self.trial.report(value, step=epoch)
        except UpdateFinishedTrialError:
            self._end("lost", epoch)  # this worker was taken for dead: the trial is another's
        except Exception as error:
            self.fault = error
            raise

    def _is_hopeless(self) -> bool:
        try:
            return self.trial.should_prune()
        except Exception as error:
            self.fault = error
            raise

    def _end(self, reason: record.EndReason, epoch: int) -> None:
        import optuna

        self.reason = reason
        raise optuna.TrialPruned(f"{reason} at epoch {epoch + 1}")
