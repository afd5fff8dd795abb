"""How much this process trains of a study's baseline, beside others that do the same.

It is a worker without a stage: it opens no database.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from optisearch.errors import OptisearchError, TrainingError
from optisearch.events import Epoch, Event, Listener, Loading, Metered, Refused, Warm, Within
from optisearch.job import Job
from optisearch.live_run import LiveRun
from optisearch.tracebacks import own_frames
from optisearch.worker import ExitCode, Stop
from optisearch.worker_process import Prepared, Starter, prepare

# Graphs are traced in the first epoch; then memory, caches and clocks of the processor settle.
_WARM_UP_SECONDS = 1.0
_REMEDY = "Correct it, or give `--workers` a number"


@dataclass
class Meter:
    """Counts the epochs of one training after another: the listener of their runs.

    Attributes:
        last: When it counted last, in seconds of `time.perf_counter`.
    """

    last: float
    _over: float = 0.0
    _here: float = 0.0

    @property
    def epochs(self) -> float:
        """Those that are trained, and the share of the one in training that is."""
        return self._over + self._here

    def __call__(self, event: Event) -> None:
        match event:
            case Epoch(epoch=epoch):
                self._count(epoch + 1)
            case Within(epoch=epoch, share=share):
                self._count(epoch + share)

    def ended(self, epochs: int) -> None:
        """Take the end of a training into account; no listener hears of a last, diverged epoch."""
        if epochs > self._here:
            self._count(epochs)
        self._over, self._here = self.epochs, 0.0

    def _count(self, epochs: float) -> None:
        self._here = epochs
        self.last = time.perf_counter()


def run_meter(job: Job, listener: Listener, stop: Stop, starter: Starter) -> ExitCode:
    """Train the baseline from `starter`'s `go` to its `drain`, and tell how much that was.

    Args:
        job: The job. Its database isn't touched.
        listener: Is told of events: `Warm` before the waiting, `Metered` at the end, errors.
        stop: What `starter` drains.
        starter: The process that started this one. Without it there is nobody to measure for.

    Raises:
        OptisearchError: The baseline can't be trained; the listener was told.
    """
    try:
        prepared = prepare(job, listener)
        listener(Loading("the model"))
        prepared.trainer.check()
        warm = time.perf_counter() + _WARM_UP_SECONDS
        _train(prepared, job, lambda: time.perf_counter() >= warm)
        data = prepared.data
        listener(Warm(data.sizes if data is not None else None))
        starter.wait()
        began = time.perf_counter()
        meter = _train(prepared, job, lambda: stop() or starter.is_gone)
        listener(Metered(meter.epochs, meter.last - began))
    except OptisearchError as error:
        listener(Refused(str(error), error.exit_code))
        raise
    return ExitCode.DONE


def _train(prepared: Prepared, job: Job, over: Callable[[], bool]) -> Meter:
    """Train the baseline again and again until it is over, and something was counted."""
    import optuna

    study, trainer = prepared.study, prepared.trainer
    hp = study.space()
    meter = Meter(time.perf_counter())
    for number in count():
        run = LiveRun(
            optuna.trial.FixedTrial({}, number),
            study.metric,
            getattr(hp, "epochs", None),
            number,
            lambda: over() and meter.epochs > 0,
            meter,
            trainer,
        )
        before = meter.epochs
        try:
            trainer.train(hp, run)
        except optuna.TrialPruned:
            pass
        except (Exception, SystemExit) as error:
            raise run.fault or TrainingError(
                "the baseline can't be trained",
                where=str(job.path),
                remedy=_REMEDY,
                detail=own_frames(error),
            ) from None
        trainer.release()
        if run.fault is not None:
            raise run.fault
        meter.ended(len(run.history))
        if meter.epochs == before and run.reason != "interrupted":
            raise TrainingError(
                "the training ended without reporting an epoch",
                where=str(job.path),
                remedy=_REMEDY,
            )
        if run.stopping():
            break
    return meter
