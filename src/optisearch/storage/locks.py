"""One lock for all workers of a database, wherever they run. It ends with whoever holds it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from optisearch.address import Address
from optisearch.errors import StorageError
from optisearch.storage.errors import LOCK_SUFFIX

if TYPE_CHECKING:
    import sqlalchemy

_POLL_SECONDS = 0.005
_WAIT_SECONDS = 60


@contextmanager
def exclusive(address: Address, engine: "sqlalchemy.Engine", name: str) -> Iterator[None]:
    import sqlalchemy

    if address.path is not None:
        from filelock import FileLock

        with FileLock(f"{address.path}{LOCK_SUFFIX}", poll_interval=_POLL_SECONDS):
            yield
        return
    key = hashlib.sha256(f"optisearch {name}".encode()).digest()
    if address.dialect == "postgresql":
        number = int.from_bytes(key[:8], "big", signed=True)
        with engine.begin() as connection:
            connection.execute(
                sqlalchemy.text("SELECT pg_advisory_xact_lock(:key)"), {"key": number}
            )
            yield
        return
    with engine.connect() as connection:
        arguments = {"key": key.hex()[:60], "seconds": _WAIT_SECONDS}
        held = connection.execute(sqlalchemy.text("SELECT GET_LOCK(:key, :seconds)"), arguments)
        if held.scalar() != 1:
            raise StorageError(
                "another worker holds the study's lock", where=str(address), remedy="Try again"
            )
        try:
            yield
        finally:
            connection.execute(
                sqlalchemy.text("SELECT RELEASE_LOCK(:key)"), {"key": key.hex()[:60]}
            )
