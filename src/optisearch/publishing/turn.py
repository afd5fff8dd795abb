"""Whose turn it is to publish a stage: a lease by the database's clock."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from optisearch import record
from optisearch.lease import Owner
from optisearch.storage import Database, attributes


@dataclass(frozen=True)
class Turn:
    """A stage's lease, as one of those sees it who want it.

    It is no lock: what is stored is whole and no older than what it replaces, whoever stores it.
    It saves the others the work.

    Attributes:
        database: The database.
        study_id: The stage's `optuna.Study`.
        seconds: How long it is held, unless it is renewed.
        owner: The process that wants it.
        token: Tells it from others of the same process.
    """

    database: Database
    study_id: int
    seconds: float
    owner: Owner = field(default_factory=Owner.current)
    token: str = field(default_factory=lambda: uuid4().hex)

    def left(self) -> float:
        """For how many seconds somebody else has it; 0.0: it is ours, or nobody's.

        Raises:
            KeyError: The study was deleted.
        """
        return self._left(self._held())

    def take(self) -> bool:
        """Take it, or renew it. Returns whether it is ours now.

        Raises:
            KeyError: The study was deleted.
        """

        def taken() -> bool:
            self.database.read_clock()
            if self._left(self._held()) > 0.0:
                return False
            until = self.database.now() + timedelta(seconds=self.seconds)
            held = {"owner": self.owner.as_dict(), "token": self.token, "until": str(until)}
            attributes.replace(self.database.storage, self.study_id, {record.PUBLISHER: held}, ())
            return True

        return self.database.atomically(taken, self._lock)

    def give_back(self) -> None:
        """Let others have it, if it is ours.

        Raises:
            KeyError: The study was deleted.
        """

        def given_back() -> None:
            if self._held().get("token") == self.token:
                attributes.replace(self.database.storage, self.study_id, {}, (record.PUBLISHER,))

        self.database.atomically(given_back, self._lock)

    @property
    def _lock(self) -> str:
        return f"who publishes study {self.study_id}"

    def _held(self) -> dict[str, Any]:
        stored = attributes.named(self.database.storage, self.study_id, (record.PUBLISHER,))
        return dict(stored.get(record.PUBLISHER, {}))

    def _left(self, held: dict[str, Any]) -> float:
        if not held or held["token"] == self.token:
            return 0.0
        if Owner.from_stored(held["owner"]).is_dead(one_machine=self.database.is_of_one_machine):
            return 0.0
        until = datetime.fromisoformat(held["until"])
        left = (until - self.database.now()).total_seconds()
        # Never longer than it is given, whatever clock it was given by.
        return min(max(left, 0.0), self.seconds)
