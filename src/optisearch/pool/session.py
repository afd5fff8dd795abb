"""One `optisearch run`: workers are started, watched, replaced and stopped."""

import contextlib
import queue
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from types import FrameType

from optisearch.address import Address
from optisearch.errors import OptisearchError, OutageError
from optisearch.events import Away, Back, Ended, Epoch, Event, Leaving, Ready, Refused, Started
from optisearch.failures import SameFailures
from optisearch.lease import Keeper
from optisearch.plan import EVERYTHING, Wanted
from optisearch.pool.children import Child, Children, Exited, News, Printed, Said
from optisearch.pool.screen import Screen
from optisearch.publishing import Publisher
from optisearch.reading import StageReader, StageResults
from optisearch.record import MAX_LOST_ATTEMPTS
from optisearch.stage import Stage, existing_stage
from optisearch.storage import OUTAGE_SECONDS, Endurance, open_database, probe
from optisearch.worker import STOP_SIGNALS, ExitCode

_LOOK_SECONDS = 0.5
_FORCED_SECONDS = 2.0
# Workers that die again and again, and no trial ends in between, won't get better: soon where they
# never get to train; else only when it isn't one trial that kills them, which is given up by then.
_CRASHES_IN_A_ROW = 3
_DEATHS_IN_A_ROW = 3 * MAX_LOST_ATTEMPTS


@dataclass
class Asked:
    """What signals asked of the run: each further one is more urgent."""

    times: int = 0
    first: int | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator["Asked"]:
        """Listen to TERM, INT, USR1 and USR2 for as long as the context lasts.

        Python hands signals to the main thread alone: a run in another one hears of none.
        """
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = {number: signal.signal(number, self._handle) for number in STOP_SIGNALS}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.times += 1
        self.first = self.first or number


class RefusedByWorker(OptisearchError):
    """A worker's error, as it put it."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.message)
        self.exit_code = refusal.exit_code

    def __str__(self) -> str:
        return self.what


@dataclass
class Session:
    """One run.

    Attributes:
        address: The database.
        children: The workers, not yet started.
        workers: How many.
        screen: Shows what happens.
        timeout_seconds: After so long, trials end at their next epoch.
        wanted: The part of a comparison that is trained.
        ended: How many trials ended in this run.
    """

    address: Address
    children: Children
    workers: int
    screen: Screen
    timeout_seconds: float | None = None
    wanted: Wanted = EVERYTHING
    ended: int = 0
    _stage: Stage | None = None
    _reader: StageReader | None = None
    _draining: str = ""
    _crashes: int = 0
    _deaths: int = 0
    _is_away: bool = False
    _failures: SameFailures = field(default_factory=SameFailures)
    _asked: Asked = field(default_factory=Asked)
    _lasting: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _publishing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def run(self) -> ExitCode:
        """Run to the end.

        Raises:
            OptisearchError: What keeps it from running; nothing is left half-created.
        """
        started = time.monotonic()
        with self._asked.listening():
            try:
                self.screen.start()
                self.children.start(1, leads=True)
                for name in range(2, self.workers + 1):
                    self.children.start(name, leads=False)
                # Meanwhile: the workers need longer to import what they need.
                probe(self.address)
                self._watch(started)
            finally:
                self.screen.stop()
                self._lasting.close()
                # Before the stage is open there is nothing that a worker could still record.
                self.children.end(_FORCED_SECONDS if self._stage is not None else 0)
                with contextlib.suppress(OptisearchError):  # else the next run does it
                    self._reap()
                self._publishing.close()  # the last trial among what it publishes
            return self._result()

    @property
    def results(self) -> StageResults | None:
        """The stage as it stands; None before a worker opened it, or after one deleted it."""
        if self._stage is None or self._reader is None:
            return None
        with self._stage.database.errors(), contextlib.suppress(KeyError):
            return self._reader.read()
        return None

    @property
    def was_asked(self) -> bool:
        """Whether a signal asked it to stop."""
        return self._asked.times > 0

    def _watch(self, started: float) -> None:
        looked = 0.0
        while not self.children.are_silent():
            self._obey(started)
            if self._asked.times > (1 if self._stage is not None else 0):
                return  # at once: for the second time, or before there is anything to lose
            with contextlib.suppress(queue.Empty):
                self._hear(self.children.news.get(timeout=_LOOK_SECONDS / 2))
            if time.monotonic() - looked > _LOOK_SECONDS:
                looked = time.monotonic()
                self._look()
        self._look()

    def _obey(self, started: float) -> None:
        late = self.timeout_seconds and time.monotonic() - started > self.timeout_seconds
        if (self._asked.times or late) and not self._draining:
            self._draining = "signal" if self._asked.times else "timeout"
            self.screen.draining(late=bool(late))
            self.children.drain()

    def _look(self) -> None:
        if self._stage is None or self._reader is None:
            return
        database = self._stage.database
        # While the database is away, there is nothing to be seen; the workers say so.
        quiet = contextlib.suppress(OutageError, KeyError)
        with quiet, database.errors(), database.impatiently():
            self.screen.standing(self._reader.look(self.wanted))

    def _hear(self, news: News) -> None:
        match news:
            case Printed(child, line):
                self.screen.printed(child.name, line)
            case Exited(child, code):
                self._replace(child, code)
            case Said(child, event):
                self.screen.event(child.name, event)
                self._heed(child, event)

    def _heed(self, child: Child, event: Event) -> None:
        """What a worker's event means for the run."""
        match event:
            case Refused():
                raise RefusedByWorker(event)
            case Ready():
                self._failures = SameFailures.of(event.settings["stage"])
                self._open(event)
                if event.checked:
                    self.children.go()
            case Epoch() | Leaving():
                self.children.go()
            case Started():
                child.has_trained = True
            case Away() | Back():
                self._is_away = isinstance(event, Away)
            case Ended():
                self.children.go()
                self._crashes = self._deaths = 0
                self.ended += 1
                self._failures.note(event)

    def _open(self, ready: Ready) -> None:
        if self._stage is not None:
            return
        tell = partial(self.screen.event, 0)
        endurance = Endurance(OUTAGE_SECONDS, tell, leaving=lambda: self._asked.times > 0)
        database = open_database(self.address, create=False, endurance=endurance)
        # A worker whose study turns out to be wrong deletes the stage that it opened.
        with database.errors(), contextlib.suppress(KeyError):
            self._stage = existing_stage(database, ready.stage)
            self._reader = StageReader(self._stage.study)
            study_id = self._stage.study._study_id
            self._lasting.enter_context(Keeper(database, study_id, tell))
            self._publishing.enter_context(Publisher(database, study_id, watches=True))

    def _replace(self, child: Child, code: int) -> None:
        """Start a successor for a worker that died or grew too large."""
        # A worker may die of the terminal's Ctrl-C before it has learnt to ignore it.
        if self._draining or self._asked.times or code == ExitCode.DONE:
            return
        if code != ExitCode.WORK_LEFT:
            self.screen.crashed(child.name, code)
            self._count(child)
            hopeless = self._crashes >= _CRASHES_IN_A_ROW or self._deaths >= _DEATHS_IN_A_ROW
            if hopeless or self._stage is None:
                raise crashed(child, code)
        self.children.start(child.name, leads=not self.children.went)

    def _count(self, child: Child) -> None:
        if self._is_away:
            return  # no trial can end
        if child.has_trained:
            self._deaths += 1
        else:
            self._crashes += 1

    def _result(self) -> ExitCode:
        left = ExitCode.INTERRUPTED if self._asked.first == signal.SIGINT else ExitCode.WORK_LEFT
        results = self.results
        if results is None:
            return left
        progress = results.progress(self.wanted)
        if self._draining == "signal" and progress.left:
            return left
        return ExitCode.FAILURES if progress.given_up else ExitCode.DONE

    def _reap(self) -> None:
        """Workers that had to be killed can't tell any more how their trials ended."""
        if self._stage is not None:
            with self._stage.database.errors(), contextlib.suppress(KeyError):
                self._stage.reap()


def crashed(child: Child, code: int) -> OptisearchError:
    """The error of a worker that ended so, with its last words."""
    how = f"signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"exit code {code}"
    error = OptisearchError(
        f"worker {child.name} ended unexpectedly with {how}",
        remedy="What was trained is kept: correct the cause and run the same command again. "
        "Its last words:",
        detail="\n".join(f"  {line}" for line in child.tail) or "  (none)",
    )
    error.exit_code = ExitCode.FAILURES
    return error
