"""One process: take a trial, train it, tell; until nothing is left or somebody asks it to stop."""

import math
import os
import signal
import threading
from dataclasses import dataclass, field
from enum import IntEnum
from types import FrameType

from optisearch.artifacts import Artifacts
from optisearch.attempt import attempt
from optisearch.budget import Done, Wait
from optisearch.events import Leaving, Listener
from optisearch.failures import SameFailures
from optisearch.growth import Growth
from optisearch.lease import Keeper, Owner, end
from optisearch.live_run import TrialTimeoutError, took_too_long
from optisearch.settings import CONFIRM
from optisearch.stage import Stage
from optisearch.study import Study
from optisearch.tracebacks import headline
from optisearch.tracking import Following
from optisearch.training import Trainer

# Windows has the first two only.
STOP_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
)
# How often an idle worker looks whether a trial of a worker that died came back.
_POLL_SECONDS = (0.1, 2.0)


class ExitCode(IntEnum):
    """What an engine that starts workers may rely on."""

    DONE = 0
    FAILURES = 1
    MISTAKE = 2
    WORK_LEFT = 75
    INTERRUPTED = 130


@dataclass
class Stop:
    """Whether a worker was asked to stop, by a signal or by the process that started it."""

    asked: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> bool:
        return self.asked.is_set()

    def on_signals(self, *, ignore_interrupt: bool = False) -> None:
        """The first TERM, INT, USR1 or USR2 drains, a second one ends the trial at once.

        Args:
            ignore_interrupt: Leave Ctrl-C, which a terminal sends to all of its processes, to the
                process that started this one.
        """
        for number in STOP_SIGNALS:
            signal.signal(number, self._handle)
        if ignore_interrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked.is_set():
            raise KeyboardInterrupt
        self.asked.set()


def work(
    stage: Stage,
    study: Study,
    trainer: Trainer,
    *,
    stop: Stop,
    listener: Listener,
    replaceable: bool = False,
    memory_limit: int | None = None,
    trial_timeout: float | None = None,
    artifacts: Artifacts | None = None,
    following: Following | None = None,
) -> ExitCode:
    """Train trials until the stage is done or the worker is stopped.

    Args:
        stage: The stage.
        study: What is trained.
        trainer: How.
        stop: Asks the worker to stop: the trial in training ends at its next epoch and is handed
            out again.
        listener: Is told of each event.
        replaceable: Whether somebody starts a successor when this process has grown too large.
        memory_limit: The bytes beyond which it ends between trials in any case.
        trial_timeout: The seconds after which a trial is ended.
        artifacts: Where checkpoints are kept, and tables of epochs.
        following: Tells other tools of its trials; one that is cut off, where it ends itself.

    Raises:
        RepeatedFailure: Three trials in a row failed with the same cause.
        TrainingError: The monitored metric doesn't exist.
        StorageError: The database fails.
    """
    owner, following = Owner.current(), following or Following()
    failures = SameFailures.of(stage.settings.stage)
    growth, idle_seconds = Growth(memory_limit, replaceable), _POLL_SECONDS[0]
    limit_seconds = math.inf if trial_timeout is None else trial_timeout

    def give_up(trial_id: int) -> None:
        """The trial hangs: nothing but the end of the process ends it."""
        error = TrialTimeoutError(took_too_long(limit_seconds))
        end(stage.database, trial_id, "failed", headline(error))
        os._exit(ExitCode.WORK_LEFT)

    keeper = Keeper(stage.database, stage.study._study_id, listener, on_overdue=give_up)
    with stage.database.errors(), keeper:
        while not stop():
            trial = stage.take(owner)
            if isinstance(trial, Done):
                break
            if isinstance(trial, Wait):
                stop.asked.wait(idle_seconds)
                idle_seconds = min(1.5 * idle_seconds, _POLL_SECONDS[1])
                continue
            idle_seconds = _POLL_SECONDS[0]
            try:
                with keeper.holding(trial._trial_id, limit_seconds):
                    ended = attempt(
                        trial,
                        study,
                        trainer,
                        database=stage.database,
                        stopping=lambda: stop() or stage.is_over(),
                        listener=listener,
                        evaluated_at_end=stage.settings.stage == CONFIRM,
                        limit_seconds=limit_seconds,
                        artifacts=artifacts,
                        objectives=stage.objectives,
                        following=following,
                    )
            except KeyboardInterrupt:  # asked for the second time; the trial is recorded
                listener(Leaving("drained"))
                return ExitCode.WORK_LEFT
            trainer.release()
            following.end(ended)
            listener(ended)
            failures.note(ended)
            if growth.is_too_much():
                listener(Leaving("grown"))
                return ExitCode.WORK_LEFT
        done = isinstance(stage.what_next(), Done)
    listener(Leaving("done" if done else "drained"))
    return ExitCode.DONE if done else ExitCode.WORK_LEFT
