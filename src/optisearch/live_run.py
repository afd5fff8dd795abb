"""The `Run` of a trial that is in training."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optisearch import record
from optisearch.events import Epoch, Listener, Within
from optisearch.training import Trainer, missing_metric

if TYPE_CHECKING:
    import keras
    import optuna

    from optisearch.artifacts import Kept


State = Callable[[], bytes | None]
Row = dict[str, Any]

# Watchers are told that often how far a long epoch is.
_LOOK_SECONDS = 1.0


class TrialTimeoutError(TimeoutError):
    """A trial took longer than it may."""


def _nobody(row: Row) -> None:
    """Follows no trial."""


def took_too_long(limit_seconds: float) -> str:
    return f"it took longer than {limit_seconds:g} seconds (--trial-timeout)"


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
        limit_seconds: How long it may take, with what earlier attempts took.
        kept: What the trial has in the artifact store; None without one.
        follow: Is told of each row of the history.
        seconds_before: What the epochs took that an attempt before this one has trained.
        others: Further metrics that each epoch has to report: they are objectives.
        parameters: How many trainable ones its Keras model has, once an epoch is trained.
    """

    trial: "optuna.trial.BaseTrial"
    metric: str
    epochs: int | None
    seed: int
    stopping: Callable[[], bool]
    listener: Listener
    trainer: Trainer
    evaluated_at_end: bool = False
    limit_seconds: float = math.inf
    kept: "Kept | None" = None
    follow: Callable[[Row], None] = _nobody
    seconds_before: float = 0.0
    others: tuple[str, ...] = ()
    parameters: int | None = None
    history: list[Row] = field(default_factory=list)
    reason: record.EndReason = "completed"
    # What isn't the trial's failure: the study's mistake (a metric that doesn't exist), or the
    # database's. Kept in case the study's `train` swallows the exception.
    fault: Exception | None = None
    _began: float = field(default_factory=time.perf_counter)
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

    def report(self, epoch: int, metrics: Mapping[str, float], state: State | None = None) -> None:
        """See `Run.report`.

        Args:
            epoch: The epoch.
            metrics: Its metrics.
            state: What a training can go on from, asked for when a checkpoint is due.
        """
        if self.reason != "completed":
            self._end(self.reason, epoch)  # the loop went on regardless
        now = time.perf_counter()
        values = {name: float(value) for name, value in metrics.items()}
        is_last = self.epochs is not None and epoch + 1 >= self.epochs
        is_silent = self.evaluated_at_end and not is_last and self.metric not in values
        missing = missing_metric((self.metric, *self.others), values)
        if missing is not None and not is_silent:
            self.fault = missing
            raise missing
        self._note({"epoch": epoch, "seconds": now - self._last, **values})
        self._last = now
        if not all(map(math.isfinite, values.values())):
            self._end("diverged", epoch)
        if not is_silent:
            with self._storing(epoch):
                self.trial.report(values[self.metric], step=epoch)
            self.listener(Epoch(self.number, epoch, values[self.metric]))
        if is_last:
            return  # it is trained: neither worth pruning nor interrupting
        if self._is_hopeless(epoch):
            self._end("pruned", epoch)
        self._check_time()
        stopping = self.stopping()
        if state is not None and self.kept is not None and (stopping or self.kept.is_due()):
            with self._storing(epoch):
                self.kept.save(state, epoch + 1)
        if stopping:
            self._end("interrupted", epoch)

    def go_on(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Go on after these epochs, which an attempt before this one has trained.

        Args:
            rows: Their history. The trial wasn't hopeless after them, whatever is known now.
        """
        for row in rows:
            if self.metric in row:
                with self._storing(row["epoch"]):
                    self.trial.report(row[self.metric], step=row["epoch"])
                    self.trial.should_prune()  # some pruners note at each epoch how it stood
        for row in rows:
            self._note(dict(row))
        self.seconds_before = sum(row["seconds"] for row in rows)
        self._last = time.perf_counter()
        self.listener(Within(self.number, rows[-1]["epoch"] + 1, 0.0))

    def within(self, epoch: int, share: float, metrics: Mapping[str, float]) -> None:
        """Look at the trial in the middle of an epoch, `share` of which is done.

        It ends there when its loss is no number any more, or the worker was asked to stop.
        """
        if not math.isfinite(metrics.get("loss", 0.0)):
            values = {name: float(value) for name, value in metrics.items()}
            seconds = time.perf_counter() - self._last
            self._note({"epoch": epoch, "seconds": seconds, **values})
            self._end("diverged", epoch)
        self._check_time()
        if self.stopping():
            self._end("interrupted", epoch)
        now = time.perf_counter()
        if now - max(self._last, self._looked) >= _LOOK_SECONDS:
            self._looked = now
            self.listener(Within(self.number, epoch, share))

    def _note(self, row: Row) -> None:
        self.history.append(row)
        self.follow(row)

    def _check_time(self) -> None:
        if self.seconds_before + time.perf_counter() - self._began > self.limit_seconds:
            raise TrialTimeoutError(took_too_long(self.limit_seconds))

    @contextmanager
    def _storing(self, epoch: int) -> Iterator[None]:
        from optuna.exceptions import UpdateFinishedTrialError

        try:
            yield
        except UpdateFinishedTrialError:
            self._end("lost", epoch)  # this worker was taken for dead: the trial is another's
        except Exception as error:
            self.fault = error
            raise

    def _is_hopeless(self, epoch: int) -> bool:
        with self._storing(epoch):  # some pruners note how it stood
            return self.trial.should_prune()

    def _end(self, reason: record.EndReason, epoch: int) -> None:
        import optuna

        self.reason = reason
        raise optuna.TrialPruned(f"{reason} at epoch {epoch + 1}")
