"""An open database, with a lock that all of its workers share."""

import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optisearch.address import Address
from optisearch.storage.errors import storage_errors
from optisearch.storage.locks import exclusive

if TYPE_CHECKING:
    import sqlalchemy
    from optuna.storages import BaseStorage


@dataclass(frozen=True)
class Database:
    """An open database.

    Attributes:
        storage: Optuna's storage, which caches finished trials.
        address: Where it is; None in memory.
        engine: SQLAlchemy's; None in memory.
    """

    storage: "BaseStorage"
    address: Address | None = None
    engine: "sqlalchemy.Engine | None" = None
    _thread_lock: Any = None

    @classmethod
    def in_memory(cls) -> "Database":
        """A database of this process alone, for tests and notebooks."""
        from optuna.storages import InMemoryStorage

        return cls(InMemoryStorage(), _thread_lock=threading.RLock())

    def exclusive(self, name: str) -> AbstractContextManager[Any]:
        """A lock of that name, held by one worker of the database at a time, wherever it runs.

        It ends with the process (a file lock) or the connection (a server's advisory lock) that
        holds it, so a worker that dies inside can't block the others.
        """
        if self.address is None or self.engine is None:
            return self._thread_lock or nullcontext()
        return exclusive(self.address, self.engine, name)

    def errors(self) -> AbstractContextManager[None]:
        """Turns database errors inside into `StorageError`s."""
        return storage_errors(self.address) if self.address else nullcontext()
