"""Address → a database that is ready, with a lock that all of its workers share.

The storage is Optuna's own `RDBStorage`: an OptiSearch database is an ordinary Optuna database.
What is added: SQLite's write-ahead log and a long wait for its lock, time limits on connecting,
many trials read at once (`reading.py`), and `Database.exclusive`.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optisearch.address import Address
from optisearch.errors import NotStoredError, StorageError
from optisearch.locks import exclusive
from optisearch.storage_errors import LOCK_SUFFIX, storage_errors

if TYPE_CHECKING:
    import sqlalchemy
    from optuna.storages import BaseStorage

# How long a worker waits for SQLite's single writer; a command that a person waits for, less.
WORKER_LOCK_WAIT_SECONDS = 60
COMMAND_LOCK_WAIT_SECONDS = 8
_CONNECT_TIMEOUT_SECONDS = 5


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


def check_place(address: Address, *, must_exist: bool = False) -> None:
    """Say at once what can be known without connecting. Creates nothing.

    Raises:
        NotStoredError: `must_exist`, and there is no such file.
        StorageError: A SQLite file whose folder doesn't exist, or which is a folder, can't be
            read or (unless `must_exist`) written, or is no database.
    """
    path = address.path
    if path is None:
        return
    if path.is_dir():
        raise StorageError("this is a folder", where=str(address), remedy="Name a file in it")
    if path.exists():
        _check_header(path, address)
    elif must_exist:
        raise NotStoredError(
            "there is no database yet",
            where=str(address),
            remedy="Run a study first (`optisearch run studies/digits.py`), or name another "
            "database with --storage",
        )
    elif not path.parent.is_dir() and not address.is_default:
        raise StorageError(
            f"the folder {path.parent} doesn't exist", where=str(address), remedy="Create it first"
        )
    if not must_exist:
        _check_writable(path, address)


def _check_writable(path: Path, address: Address) -> None:
    folder = path.parent if path.parent.is_dir() else Path()
    for kind, place in (("file", path), ("folder", folder)):
        if place.exists() and not os.access(place, os.W_OK):
            raise StorageError(
                f"the {kind} {place} is read-only",
                where=str(address),
                remedy="Make it writable, or name another database with --storage",
            )


def _check_header(path: Path, address: Address) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(16)
    except OSError as error:
        raise StorageError(
            f"the file can't be read ({error.strerror})",
            where=str(address),
            remedy="Check its permissions",
        ) from None
    if header and header != b"SQLite format 3\x00":
        raise StorageError(
            "the file isn't a SQLite database",
            where=str(address),
            remedy="Name another file; this one wasn't touched",
        )


def open_database(
    address: Address, *, create: bool, lock_wait_seconds: int = COMMAND_LOCK_WAIT_SECONDS
) -> Database:
    """Connect.

    Args:
        address: The database.
        create: Create the file and the tables where they are missing. Without it, a database
            without Optuna's tables is an error.
        lock_wait_seconds: How long to wait for SQLite's lock.

    Raises:
        StorageError: With the reason and the remedy; never with a password.
    """
    check_place(address, must_exist=not create)
    if create and address.is_default and address.path is not None:
        address.path.parent.mkdir(exist_ok=True)
    with storage_errors(address):
        return _connect(address, _engine_options(address, lock_wait_seconds), create=create)


def probe(address: Address) -> None:
    """Say whether a database can be used, before any work is put into it. Creates nothing.

    Raises:
        StorageError: With the reason and the remedy.
    """
    check_place(address)
    if address.path is not None and not address.path.exists():
        return
    with contextlib.suppress(NotStoredError):
        open_database(address, create=False)


def _engine_options(address: Address, lock_wait_seconds: int) -> dict[str, Any]:
    if address.dialect == "sqlite":
        return {"connect_args": {"timeout": lock_wait_seconds}}
    # One connection for Optuna's session, one for the lock; checked before use after an idle time.
    options: dict[str, Any] = {
        "pool_size": 2,
        "max_overflow": 1,
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": _CONNECT_TIMEOUT_SECONDS},
    }
    if address.dialect == "mysql":
        # PyMySQL's limit on connecting doesn't hold for the server's greeting.
        options["connect_args"]["read_timeout"] = _CONNECT_TIMEOUT_SECONDS
        options["pool_events"] = [(_wait_for_answers, "connect")]
    return options


def _wait_for_answers(connection: Any, _record: Any) -> None:
    """Once PyMySQL is connected, a query (for a lock, say) may take any time."""
    connection._read_timeout = None


def _connect(address: Address, options: dict[str, Any], *, create: bool) -> Database:
    import sqlalchemy
    from optuna.storages import get_storage

    from optisearch.reading import QuickStorage

    engine = sqlalchemy.create_engine(address.sqlalchemy_url, **options)
    if not create and not sqlalchemy.inspect(engine).has_table("studies"):
        raise NotStoredError(
            "the database holds no studies",
            where=str(address),
            remedy="Run a study into it first, or name another database with --storage",
        )
    with _creating(address, engine) if create else nullcontext():
        backend = QuickStorage(
            address.optuna_url, engine_kwargs=options, skip_table_creation=not create
        )
    engine.dispose()
    if address.dialect == "sqlite":
        _relax_synchronous(backend.engine)
    return Database(get_storage(backend), address, backend.engine)


@contextmanager
def _creating(address: Address, engine: "sqlalchemy.Engine") -> Iterator[None]:
    """Alone: two processes that create the tables of one database would stumble over each other.

    A file that can't be filled (the disk is full, say) is removed again, and one that can't be used
    (of another schema, say) isn't touched.
    """
    with exclusive(address, engine, "create tables"):
        path = address.path
        is_new = path is not None and not path.exists()
        try:
            if is_new:
                _use_write_ahead_log(engine)
            yield
            if path is not None and not is_new:
                _use_write_ahead_log(engine)
        except Exception:
            if is_new:
                engine.dispose()
                for suffix in ("", "-wal", "-shm", "-journal", LOCK_SUFFIX):
                    Path(f"{path}{suffix}").unlink(missing_ok=True)
            raise


def _use_write_ahead_log(engine: "sqlalchemy.Engine") -> None:
    """Readers and the writer no longer block one another. The setting stays with the file."""
    import sqlalchemy

    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("PRAGMA journal_mode=WAL"))


def _relax_synchronous(engine: "sqlalchemy.Engine") -> None:
    """Under the write-ahead log NORMAL can't corrupt the file (https://sqlite.org/pragma.html)."""
    import sqlalchemy

    @sqlalchemy.event.listens_for(engine, "connect")
    def _set(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    engine.dispose()
