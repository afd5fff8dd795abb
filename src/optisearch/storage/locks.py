"""One lock for all workers of a database, wherever they run. It ends with whoever holds it.

On a server it belongs to the transaction that is begun with it, or to its connection. SQLite has
one writer at a time anyhow.
"""

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from optisearch.storage.errors import LockTimeout, is_in_use
from optisearch.storage.servers import LOCK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy

# PostgreSQL: who waits for longer than its deadlock_timeout (a second) looks through the lock's
# whole queue for a deadlock, and holds up everybody meanwhile: with some hundreds waiting a server
# does nothing else. So who waited for almost so long leaves the queue, pauses, and queues up again.
# The other statements of the transaction wait for as long as they would.
_QUEUE = (
    "SELECT set_config('lock_timeout', '900ms', true), pg_advisory_xact_lock(:key),"
    f" set_config('lock_timeout', '{LOCK_SECONDS}s', true)"
)
_LONGEST_PAUSE_SECONDS = 3.0


@contextmanager
def transaction(
    engine: "sqlalchemy.Engine", name: str | None = None
) -> "Iterator[sqlalchemy.Connection]":
    """One transaction; with a name, one at a time of all those of that name.

    Raises:
        LockTimeout: Somebody else holds the lock for long.
    """
    with engine.connect() as connection:
        _begin(connection, name)
        try:
            yield connection
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            _end(connection, name)


def _begin(connection: "sqlalchemy.Connection", name: str | None) -> None:
    import sqlalchemy

    dialect = connection.dialect.name
    if dialect == "sqlite":  # what reads first and writes then would else be refused in between
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif name is None:
        pass
    elif dialect == "postgresql":
        _queue(connection, int.from_bytes(_digest(name)[:8], "big", signed=True))
    else:
        question = sqlalchemy.text("SELECT GET_LOCK(:key, :seconds)")
        arguments = {"key": _mysql_key(name), "seconds": LOCK_SECONDS}
        if connection.execute(question, arguments).scalar() != 1:
            raise LockTimeout


def _queue(connection: "sqlalchemy.Connection", key: int) -> None:
    import sqlalchemy
    from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

    Retrying(
        retry=retry_if_exception(is_in_use),
        wait=wait_random_exponential(0.1, max=_LONGEST_PAUSE_SECONDS),
        stop=stop_after_delay(LOCK_SECONDS),
        before_sleep=lambda _: connection.rollback(),
        reraise=True,
    )(connection.execute, sqlalchemy.text(_QUEUE), {"key": key})


def _end(connection: "sqlalchemy.Connection", name: str | None) -> None:
    """MySQL's lock is its connection's, and would stay with it in the pool."""
    import sqlalchemy

    if name is None or connection.dialect.name != "mysql" or connection.invalidated:
        return
    try:
        question = sqlalchemy.text("SELECT RELEASE_LOCK(:key)")
        connection.execute(question, {"key": _mysql_key(name)})
    except sqlalchemy.exc.DBAPIError:
        connection.invalidate()


def _digest(name: str) -> bytes:
    return hashlib.sha256(f"optisearch {name}".encode()).digest()


def _mysql_key(name: str) -> str:
    return _digest(name).hex()[:60]  # it takes 64 characters
