"""Whatever nobody else publishes, the dashboard publishes while it is served.

Workers publish what they train, and so does `run`. What is left is what they left behind when they
were killed, and what workers of another version train.
"""

import sys
import threading
from types import TracebackType
from typing import Self

from optisearch import record
from optisearch.dashboard.pages.listing import studies
from optisearch.publishing import Publisher
from optisearch.storage import Database, attributes
from optisearch.storage.errors import is_database_error
from optisearch.tracebacks import headline

_LOOK_SECONDS = 10.0
# So many looks without anything to publish, and the stage is left alone again.
_QUIET_LOOKS = 6
_ENDING_SECONDS = 3.0


class Publishers:
    """Looks after all stages of ours, and publishes those that nobody else does.

    Args:
        database: Where they are.
        look_seconds: How often it looks. What is due at two looks in turn nobody else publishes,
            and it then publishes twice as often.
    """

    def __init__(self, database: Database, *, look_seconds: float = _LOOK_SECONDS) -> None:
        self._database = database
        self._look_seconds = look_seconds
        self._ours: dict[int, bool] = {}
        self._due = frozenset[int]()
        self._publishing: dict[int, Publisher] = {}
        self._quiet: dict[int, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="publishers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(_ENDING_SECONDS)

    def _keep(self) -> None:
        said = ""
        with self._database.impatiently():
            while not self._over.wait(self._look_seconds):
                try:
                    self._look()
                except Exception as error:
                    # The database is away, which others say, or a study was deleted meanwhile.
                    passes = is_database_error(error) or isinstance(error, KeyError)
                    if not passes and headline(error) != said:
                        said = headline(error)
                        print(f"publishing: {said}", file=sys.stderr)
            for study_id in list(self._publishing):
                self._leave(study_id)

    def _look(self) -> None:
        before, self._due = self._due, self._find_due()
        for study_id in (before & self._due) - self._publishing.keys():
            publisher = Publisher(self._database, study_id, every_seconds=self._look_seconds / 2)
            self._publishing[study_id] = publisher.__enter__()
        for study_id in list(self._publishing):
            quiet = 0 if study_id in self._due else self._quiet.get(study_id, 0) + 1
            self._quiet[study_id] = quiet
            if quiet >= _QUIET_LOOKS:
                self._leave(study_id)

    def _leave(self, study_id: int) -> None:
        self._publishing.pop(study_id).__exit__(None, None, None)

    def _find_due(self) -> frozenset[int]:
        """The stages of which more trials have ended than what was published last is about."""
        storage = self._database.storage
        published = attributes.of_all_studies(storage, record.PUBLISHED)
        due = set()
        for study_id, name in studies(self._database).items():
            known = (published.get(name) or {}).get("ended", 0)
            if self._is_ours(study_id) and attributes.count_ended(storage, study_id) > known:
                due.add(study_id)
        return frozenset(due)

    def _is_ours(self, study_id: int) -> bool:
        if study_id not in self._ours:
            stored = attributes.named(self._database.storage, study_id, (record.MANIFEST,))
            self._ours[study_id] = bool(stored)
        return self._ours[study_id]
