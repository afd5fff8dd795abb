"""Opening a database: what is left of a try that failed."""

import socket
from typing import Any

import pytest
import sqlalchemy
from optuna.storages._rdb.storage import _VersionManager

from optisearch.address import Address, parse
from optisearch.errors import NotStoredError, StorageError
from optisearch.storage import connecting, open_database


@pytest.fixture
def open_connections(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The connections that are open, of all engines."""
    found: set[int] = set()

    def opened(connection: Any, _record: Any) -> None:
        found.add(id(connection))

    def closed(connection: Any, _record: Any) -> None:
        found.discard(id(connection))

    make = sqlalchemy.create_engine

    def watched(*args: Any, **kwargs: Any) -> sqlalchemy.Engine:
        engine = make(*args, **kwargs)
        sqlalchemy.event.listen(engine, "connect", opened)
        sqlalchemy.event.listen(engine, "close", closed)
        return engine

    monkeypatch.setattr(sqlalchemy, "create_engine", watched)
    monkeypatch.setattr(sqlalchemy.engine, "create_engine", watched)
    return found


def fails(*_args: Any) -> None:
    raise RuntimeError


@pytest.mark.parametrize(
    ("owner", "step"),
    [(_VersionManager, "check_table_schema_compatibility"), (connecting, "_is_complete")],
)
def test_a_try_that_failed_leaves_no_connection_open(
    sqlite: Address,
    open_connections: set[int],
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    step: str,
) -> None:
    open_database(sqlite, create=True)
    before = set(open_connections)
    monkeypatch.setattr(owner, step, fails)
    with pytest.raises(RuntimeError):
        open_database(sqlite, create=True)
    assert open_connections <= before


def test_a_database_without_tables_leaves_no_connection_open(
    sqlite: Address, open_connections: set[int]
) -> None:
    assert sqlite.path is not None
    sqlite.path.touch()
    with pytest.raises(NotStoredError):
        open_database(sqlite, create=False)
    assert not open_connections


def test_a_server_that_is_too_slow_keeps_no_connection_of_a_try_that_was_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        address = parse(f"postgresql://someone@127.0.0.1:{port}/it?connect_timeout=2")
        with pytest.raises(StorageError) as kept:
            open_database(address, create=False)
        theirs, _ = silent.accept()
        theirs.settimeout(5.0)
        assert theirs.recv(4096)
        assert theirs.recv(4096) == b"", kept  # closed, while the error is still held
