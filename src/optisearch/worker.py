"""One process: take a trial, train it, tell; until nothing is left or somebody asks it to stop."""

import signal
import threading
from dataclasses import dataclass, field
from enum import IntEnum
from types import FrameType

from optisearch.attempt import attempt
from optisearch.budget import Done, Wait
from optisearch.errors import RepeatedFailure
from optisearch.events import Ended, Leaving, Listener
from optisearch.lease import Owner
from optisearch.settings import CONFIRM, SEARCH, Kind
from optisearch.stage import Stage
from optisearch.study import Study
from optisearch.training import Trainer

# Windows has the first two only.
STOP_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
)
SAME_FAILURES = 3
ANY_FAILURES = 10
# All cells of a level may well fail, and others not: a tuned one has some twelve, tried twice each.
CELL_FAILURES = 30
# How often an idle worker looks whether a trial of a worker that died came back.
_POLL_SECONDS = (0.1, 2.0)
# TensorFlow doesn't give graphs back: about 2.4 MB for each new structure. A successor costs the
# seconds of importing it, so a worker may double; where memory is short, it may grow by a fifth.
_GROWTH, _GROWTH_WHERE_SHORT = 2.0, 1.2
_SETTLED_TRIALS = 5


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


@dataclass
class SameFailures:
    """Counts failures in a row, above all those that have the same cause."""

    same: int = SAME_FAILURES
    any: int = ANY_FAILURES
    cause: str = ""
    count: int = 0
    any_cause: int = 0

    @classmethod
    def of(cls, kind: Kind) -> "SameFailures":
        """Those of a kind of stage."""
        return cls() if kind == SEARCH else cls(CELL_FAILURES, CELL_FAILURES)

    def note(self, ended: Ended) -> None:
        """Take a trial's end into account.

        Raises:
            RepeatedFailure: It was the third failure in a row with the same cause, or the tenth
                whatever the causes.
        """
        if ended.reason in ("interrupted", "lost"):
            return
        if ended.reason != "failed":
            self.cause, self.count, self.any_cause = "", 0, 0
            return
        self.any_cause += 1
        self.count = self.count + 1 if ended.cause == self.cause else 1
        self.cause = ended.cause
        if self.count >= self.same:
            raise _stopped(f"{self.same} trials in a row failed with the same cause", ended)
        if self.any_cause >= self.any:
            raise _stopped(f"{self.any} trials in a row failed", ended)


def _stopped(what: str, ended: Ended) -> RepeatedFailure:
    return RepeatedFailure(
        f"{what}, so the run was stopped",
        where=f"trial {ended.number}",
        remedy="Correct the cause and run the same command again: what was trained is kept",
        detail=ended.error,
    )


@dataclass
class Growth:
    """Watches the process's memory.

    It is too much when it has doubled since it settled. Where the machine has less memory left than
    the settled process took, a fifth more is too much: so all workers of a machine shrink before
    it is used up, however many they are, and none is replaced that has nothing to give back.
    """

    trials: int = 0
    settled_bytes: int = 0

    def is_too_much(self) -> bool:
        """To be asked after each trial. The first few are let pass: caches fill."""
        import psutil

        self.trials += 1
        now = psutil.Process().memory_info().rss
        if self.trials <= _SETTLED_TRIALS:
            self.settled_bytes = now
            return False
        is_short = psutil.virtual_memory().available < self.settled_bytes
        limit = _GROWTH_WHERE_SHORT if is_short else _GROWTH
        return bool(now > limit * self.settled_bytes)


def work(
    stage: Stage,
    study: Study,
    trainer: Trainer,
    *,
    stop: Stop,
    listener: Listener,
    replaceable: bool = False,
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

    Raises:
        RepeatedFailure: Three trials in a row failed with the same cause.
        TrainingError: The monitored metric doesn't exist.
        StorageError: The database fails.
    """
    owner = Owner.current()
    failures = SameFailures.of(stage.settings.stage)
    growth, idle_seconds = Growth(), _POLL_SECONDS[0]
    with stage.database.errors():
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
                ended = attempt(
                    trial,
                    study,
                    trainer,
                    stopping=stop,
                    listener=listener,
                    evaluated_at_end=stage.settings.stage == CONFIRM,
                )
            except KeyboardInterrupt:  # asked for the second time; the trial is recorded
                listener(Leaving("drained"))
                return ExitCode.WORK_LEFT
            trainer.release()
            listener(ended)
            failures.note(ended)
            if replaceable and growth.is_too_much():
                listener(Leaving("grown"))
                return ExitCode.WORK_LEFT
        done = isinstance(stage.what_next(), Done)
    listener(Leaving("done" if done else "drained"))
    return ExitCode.DONE if done else ExitCode.WORK_LEFT
