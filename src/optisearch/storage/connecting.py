"""Address → a database that is ready."""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optisearch.address import Address
from optisearch.errors import NotStoredError
from optisearch.storage.database import Database
from optisearch.storage.errors import LOCK_SUFFIX, storage_errors
from optisearch.storage.locks import transaction
from optisearch.storage.outages import Endurance
from optisearch.storage.places import check_place
from optisearch.storage.servers import engine_options

if TYPE_CHECKING:
    import sqlalchemy

# How long a worker waits for SQLite's single writer; a command that a person waits for, less.
WORKER_LOCK_WAIT_SECONDS = 60
COMMAND_LOCK_WAIT_SECONDS = 8
_POLL_SECONDS = 0.005


def open_database(
    address: Address,
    *,
    create: bool,
    lock_wait_seconds: int = COMMAND_LOCK_WAIT_SECONDS,
    endurance: Endurance | None = None,
) -> Database:
    """Connect.

    Args:
        address: The database.
        create: Create the file and the tables where they are missing. Without it, a database
            without Optuna's tables is an error.
        lock_wait_seconds: How long to wait for SQLite's lock.
        endurance: How long to wait for the database now and later, should it be away; by default
            not at all.

    Raises:
        StorageError: With the reason and the remedy; never with a password.
    """
    endurance = endurance or Endurance()
    check_place(address, must_exist=not create)
    if create and address.is_default and address.path is not None:
        address.path.parent.mkdir(exist_ok=True)
    with storage_errors(address, waited=endurance.seconds > 0.0):
        options = engine_options(address, lock_wait_seconds)
        return endurance.call(lambda: _connect(address, options, endurance, create=create))


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


def _connect(
    address: Address, options: dict[str, Any], endurance: Endurance, *, create: bool
) -> Database:
    import sqlalchemy

    from optisearch.storage.caching import TrialCache
    from optisearch.storage.worker_storage import WorkerStorage

    engine = sqlalchemy.create_engine(address.sqlalchemy_url, **options)
    try:
        if not create and not sqlalchemy.inspect(engine).has_table("studies"):
            raise NotStoredError(
                "the database holds no studies",
                where=str(address),
                remedy="Run a study into it first, or name another database with --storage",
            )
        creates = create and not _is_complete(engine)
        with _creating(address, engine) if creates else nullcontext():
            backend = WorkerStorage(
                address.optuna_url,
                engine_kwargs=options,
                skip_table_creation=not creates,
                endurance=endurance,
            )
    finally:
        engine.dispose()  # tried again, it would be one connection more
    if address.dialect == "sqlite":
        _relax_synchronous(backend.engine)
    return Database(TrialCache(backend), address, backend)


def _is_complete(engine: "sqlalchemy.Engine") -> bool:
    """Whether a server has all of Optuna's tables. The last thing it creates is this one's row.

    Many workers would else wait for one another, each with the connection that the next one needs.
    """
    import sqlalchemy

    last = sqlalchemy.table("alembic_version", sqlalchemy.column("version_num"))
    if engine.dialect.name == "sqlite" or not sqlalchemy.inspect(engine).has_table(last.name):
        return False
    with engine.connect() as connection:
        return connection.execute(sqlalchemy.select(last)).first() is not None


@contextmanager
def _creating(address: Address, engine: "sqlalchemy.Engine") -> Iterator[None]:
    """Alone: two processes that create the tables of one database would stumble over each other.

    A file that can't be filled (the disk is full, say) is removed again, and one that can't be used
    (of another schema, say) isn't touched.
    """
    with _alone(address, engine):
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


def _alone(address: Address, engine: "sqlalchemy.Engine") -> AbstractContextManager[object]:
    if address.path is None:
        return transaction(engine, "create tables")
    from filelock import FileLock

    return FileLock(f"{address.path}{LOCK_SUFFIX}", poll_interval=_POLL_SECONDS)


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
