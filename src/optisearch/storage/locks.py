"""One lock for all workers of a database, wherever they run. It ends with whoever holds it.

On a server it belongs to the transaction that is begun with it, or to its connection. SQLite has
one writer at a time anyhow.
"""

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from optisearch.storage.errors import LockTimeout
from optisearch.storage.servers import LOCK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy


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
        number = int.from_bytes(_digest(name)[:8], "big", signed=True)
        connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})
    else:
        question = sqlalchemy.text("SELECT GET_LOCK(:key, :seconds)")
        arguments = {"key": _mysql_key(name), "seconds": LOCK_SECONDS}
        if connection.execute(question, arguments).scalar() != 1:
            raise LockTimeout


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
