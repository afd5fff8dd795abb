"""A thread that shows that the worker lives, and looks after the trials of those that don't."""

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator

from optisearch import record
from optisearch.events import Listener, Lost
from optisearch.lease.owner import Owner, heartbeat_seconds
from optisearch.lease.reaping import end
from optisearch.lease.watch import Sign, Watch
from optisearch.storage import Background, Database
from optisearch.storage.errors import is_database_error
from optisearch.tracebacks import headline

# After a failure: the others don't wait longer for a sign of life because the database was away.
_SOON_SECONDS = 2.0
_ENDING_SECONDS = 2.0
# A trial that doesn't end by itself within so long after its time is up, hangs.
_HANGS_SECONDS = 30.0


class Keeper(Background):
    """Keeps this worker's trial, and takes those of the dead away from them.

    Several do so at once, as many as there are workers; of those that notice a death one is the
    first to record it.

    Args:
        database: The database; in memory there is nobody to be shown anything.
        study_id: That of the stage's `optuna.Study`.
        listener: Is told of trials that were lost.
        every_seconds: The time between two heartbeats; by default that of this worker's trials.
        on_overdue: Is called, with its id, when the trial that is held should have ended long ago.
    """

    def __init__(
        self,
        database: Database,
        study_id: int,
        listener: Listener,
        every_seconds: float = 0.0,
        on_overdue: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__(database, "keeper", _ENDING_SECONDS)
        self._study_id = study_id
        self._listener = listener
        self._every_seconds = every_seconds or heartbeat_seconds()
        self._watch = Watch(self._every_seconds)
        self._owners: dict[int, Owner | None] = {}
        self._on_overdue = on_overdue
        self._held: int | None = None
        self._until = math.inf

    @contextlib.contextmanager
    def holding(self, trial_id: int, limit_seconds: float = math.inf) -> Iterator[None]:
        """Inside, this trial is shown to be alive, from the next heartbeat on.

        Args:
            trial_id: The trial.
            limit_seconds: When it should have ended; it is given half a minute more.
        """
        self._held, self._until = trial_id, time.monotonic() + limit_seconds + _HANGS_SECONDS
        try:
            yield
        finally:
            self._held = None

    def _keep(self) -> None:
        said = ""
        while not self._over.is_set():
            pause = self._every_seconds
            try:
                self._beat()
                self._look()
            except Exception as error:  # the next one may succeed; without it the trial is lost
                self._watch.missed()
                pause = min(pause, _SOON_SECONDS)
                if not is_database_error(error) and headline(error) != said:
                    said = headline(error)
                    print(f"heartbeat: {said}", file=sys.stderr)
            self._over.wait(pause)

    def _beat(self) -> None:
        held = self._held
        if held is None:
            return
        if self._on_overdue is not None and time.monotonic() > self._until:
            self._on_overdue(held)
        assert self._database.backend is not None
        self._database.backend.record_heartbeat(held)

    def _look(self) -> None:
        from optisearch.storage.beats import attributes, pulses

        storage = self._database.backend
        assert storage is not None
        found = {each.trial_id: each for each in pulses(storage, self._study_id)}
        new = found.keys() - self._owners.keys()
        stored = attributes(storage, record.OWNER, new) if new else {}
        read = {each: Owner.from_stored(stored[each]) if each in stored else None for each in new}
        self._owners = {each: (self._owners | read)[each] for each in found}
        # Whose owner is unknown, isn't a worker of ours.
        owners = {each: owner for each, owner in self._owners.items() if owner is not None}
        signs = {
            each: Sign(found[each].beat, owner.heartbeat_seconds) for each, owner in owners.items()
        }
        dead = self._watch.look(signs, time.monotonic())
        is_local = self._database.is_of_one_machine
        dead |= {each for each, owner in owners.items() if owner.is_dead(one_machine=is_local)}
        for each in sorted(dead - {self._held}):
            if end(self._database, each, "lost"):
                self._listener(Lost(found[each].number, str(owners[each])))
