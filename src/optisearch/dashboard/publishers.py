"""Whatever nobody else publishes, the dashboard publishes while it is served.

Workers publish what they train, and so does `run`. What is left is what they left behind when they
were killed, and what workers of another version train.
"""

import sys

from optisearch import record
from optisearch.dashboard.pages.listing import studies
from optisearch.publishing import Publisher, is_due
from optisearch.storage import Background, Database, attributes
from optisearch.storage.errors import is_database_error
from optisearch.tracebacks import headline

_LOOK_SECONDS = 10.0
# So many looks without anything to publish, and the stage is left alone again.
_QUIET_LOOKS = 6
_ENDING_SECONDS = 3.0


class Publishers(Background):
    """Looks after all stages of ours, and publishes those that nobody else does.

    Args:
        database: Where they are.
        look_seconds: How often it looks. What is due at two looks in turn nobody else publishes,
            and it then publishes twice as often.
    """

    def __init__(self, database: Database, *, look_seconds: float = _LOOK_SECONDS) -> None:
        super().__init__(database, "publishers", _ENDING_SECONDS)
        self._look_seconds = look_seconds
        self._ours: dict[int, bool] = {}
        self._due = frozenset[int]()
        self._publishing: dict[int, Publisher] = {}
        self._quiet: dict[int, int] = {}

    def _keep(self) -> None:
        said = ""
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
        """The stages of ours that are to be published anew."""
        return frozenset(
            study_id
            for study_id in studies(self._database)
            if self._is_ours(study_id) and is_due(self._database, study_id)
        )

    def _is_ours(self, study_id: int) -> bool:
        if study_id not in self._ours:
            stored = attributes.named(self._database.storage, study_id, (record.MANIFEST,))
            self._ours[study_id] = bool(stored)
        return self._ours[study_id]
