"""A thread that publishes a stage while its trials land, when it is its turn."""

import sys
import time
from collections.abc import Callable

from optisearch.publishing.publication import is_due, prepare, store
from optisearch.publishing.turn import Turn
from optisearch.reading import StageReader
from optisearch.storage import Background, Database
from optisearch.storage.errors import is_database_error
from optisearch.tracebacks import headline

# At most so often, and no more than this share of the time: of a worker's, which trains, and of one
# that only watches.
EVERY_SECONDS = 5.0
_WORKER_SHARE, _WATCHER_SHARE = 0.02, 0.05
# Whoever has the turn looks so many times as often whether there is anything to publish.
_LOOKS = 5
# A publisher that dies is followed by another one after at most both together. Each of the others
# looks once in that time.
LEASE_SECONDS = 15.0
SPREAD_SECONDS = 10.0
# After a fault that isn't the database's, which will most likely be there again.
_FAULT_SECONDS = 60.0
# A thousand workers end: each of them may tell of one more trial.
_LAST_ROUNDS = 3
_ENDING_SECONDS, _WATCHER_ENDING_SECONDS = 8.0, 60.0


class Publisher(Background):
    """Publishes a stage, while nobody else does.

    It outlives every error, and is in nobody's way: it reads with a cache of its own, and holds no
    connection while it computes. At the end it publishes once more, unless somebody else is there
    to do so, and gives its turn back.

    Args:
        database: The database; in memory there is nobody to be shown anything.
        study_id: That of the stage's `optuna.Study`.
        watches: Whether this process only watches: then it may spend more on it, and publishes what
            came last whoever else is there.
        contends: Whether it wants to, asked again and again.
        every_seconds: The least time between two publications.
        lease_seconds: How long others wait for one who doesn't show up any more.
        spread_seconds: So much later the last of them looks.
    """

    def __init__(
        self,
        database: Database,
        study_id: int,
        *,
        watches: bool = False,
        contends: Callable[[], bool] = lambda: True,
        every_seconds: float = EVERY_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        spread_seconds: float = SPREAD_SECONDS,
    ) -> None:
        ending_seconds = _WATCHER_ENDING_SECONDS if watches else _ENDING_SECONDS
        super().__init__(database, "publisher", ending_seconds)
        self._study_id = study_id
        self._watches = watches
        self._contends = contends
        self._every_seconds = every_seconds
        self._spread_seconds = spread_seconds
        self._turn = Turn(database, study_id, lease_seconds)
        self._is_ours = False
        self._reader: StageReader | None = None
        self._next = self._renewed = 0.0
        self._said = ""

    def _keep(self) -> None:
        pause = 0.0 if self._watches else self._spread(self._every_seconds)
        while not self._over.wait(pause):
            pause = self._outliving(self._round)
        self._outliving(self._finish)

    def _outliving(self, act: Callable[[], float]) -> float:
        """Do something, and return how long to wait then."""
        try:
            return act()
        except Exception as error:
            self._is_ours, self._reader = False, None
            # The database is away, or the stage was deleted.
            if is_database_error(error) or isinstance(error, KeyError):
                return self._every_seconds
            if headline(error) != self._said:
                self._said = headline(error)
                print(f"publishing: {self._said}", file=sys.stderr)
            return _FAULT_SECONDS

    def _round(self) -> float:
        if not self._contends():
            return self._every_seconds
        if not self._is_ours and (left := self._turn.left()) > 0.0:
            return left + self._spread(self._spread_seconds)
        if not self._is_ours or time.monotonic() >= self._renewed + self._turn.seconds / 3:
            self._is_ours, self._renewed = self._turn.take(), time.monotonic()
        if not self._is_ours:
            self._reader = None
            return self._turn.seconds
        if time.monotonic() >= self._next and is_due(self._database, self._study_id):
            self._publish()
        return self._every_seconds / _LOOKS

    def _publish(self) -> None:
        began, is_first = time.monotonic(), self._reader is None
        if self._reader is None:
            self._reader = self._opened()
        publication = prepare(self._reader.read(), self._study_id)
        store(self._database, self._study_id, publication)
        took = time.monotonic() - began
        # The first one takes longer: it imports, and reads all trials.
        share = _WATCHER_SHARE if self._watches else _WORKER_SHARE
        pause = 0.0 if is_first else took / share
        self._next = time.monotonic() + max(pause, self._every_seconds)

    def _opened(self) -> StageReader:
        import optuna

        storage = self._database.apart().storage
        name = storage.get_study_name_from_id(self._study_id)
        return StageReader(optuna.load_study(study_name=name, storage=storage))

    def _finish(self) -> float:
        """Publish what ended since, if nobody else will.

        Who gives a turn back looks again afterwards, and who sees somebody else's had told of its
        own trials before: so nothing stays untold, in whatever order they end.
        """
        for _ in range(_LAST_ROUNDS):
            if not self._contends() or (self._turn.left() > 0.0 and not self._watches):
                break
            if is_due(self._database, self._study_id):
                self._turn.take()
                self._publish()
            self._turn.give_back()
            if not is_due(self._database, self._study_id):
                break
        return 0.0

    def _spread(self, seconds: float) -> float:
        """A part of this time, which differs from publisher to publisher."""
        return seconds * int(self._turn.token[:8], 16) / 16**8
