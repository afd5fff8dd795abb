"""All stages of a database, read by whoever looks, computed once for all of them."""

import threading
from concurrent.futures import Executor, ThreadPoolExecutor

from optisearch import reading
from optisearch.dashboard.pages.kept import Kept
from optisearch.dashboard.pages.listing import studies
from optisearch.dashboard.pages.live_stage import LiveStage
from optisearch.storage import Database

_LIST_SECONDS = 1.0
_READERS = 2


class Gallery:
    """What the pages show of a database. Safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        """Read nothing yet.

        Args:
            database: What is shown.
        """
        self.database = database
        # Whoever wants to know what there is doesn't wait until all of it is read, let alone told.
        self._lister = ThreadPoolExecutor(1, "list")
        self._readers = ThreadPoolExecutor(_READERS, "read")
        self._tellers = ThreadPoolExecutor(1, "tell")
        self._list: Kept[dict[int, str]] = Kept(self._lister, _LIST_SECONDS)
        self._lock = threading.Lock()
        self._stages: dict[int, LiveStage] = {}

    def stages(self) -> tuple[LiveStage, ...]:
        """All stages, in the order in which they were begun.

        Raises:
            StorageError: The database can't be read.
        """
        listed = self._list.get(self._listed, patience=None)
        assert listed is not None
        with self._lock:
            for study_id in self._stages.keys() - listed.keys():
                del self._stages[study_id]
            for study_id, name in listed.items():
                stage = self._stages.get(study_id)
                if stage is None or stage.name != name:
                    self._stages[study_id] = LiveStage(
                        self.database, study_id, name, self._readers, self._tellers
                    )
            return tuple(self._stages[study_id] for study_id in listed)

    def named(self, name: str) -> tuple[LiveStage, ...]:
        """The stages that a name means, as they were begun: see `reading.find`.

        Raises:
            NotStoredError: There is none. Names the nearest, and what there is.
            StorageError: The database can't be read.
        """
        stages = self.stages()
        exact = tuple(stage for stage in stages if stage.name == name)
        meant = exact or tuple(stage for stage in stages if stage.name.startswith(f"{name}/"))
        if meant:
            return meant
        # What a variant's study is called stands in its manifest.
        with self.database.errors():
            names = reading.find(self.database.storage, name)
        return tuple(stage for stage in stages if stage.name in names)

    @property
    def tellers(self) -> Executor:
        """Whose threads compute what takes long, one thing at a time."""
        return self._tellers

    def close(self) -> None:
        """Begin nothing more. What is being computed is left to end."""
        for pool in (self._lister, self._readers, self._tellers):
            pool.shutdown(wait=False, cancel_futures=True)

    def _listed(self) -> dict[int, str]:
        with self.database.errors():
            self.database.read_clock()
            return studies(self.database)
