"""Database errors in words, from the errors as they really come."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
import sqlalchemy

from optisearch.address import Address, parse
from optisearch.errors import NotStoredError, StorageError
from optisearch.storage import check_place, open_database, probe
from optisearch.storage.errors import _KNOWN, explain, storage_errors

_NOBODY = 65534


def told(address: Address, *, create: bool = True) -> str:
    """What opening the database ends in."""
    with pytest.raises(StorageError) as caught:
        open_database(address, create=create)
    assert caught.value.exit_code == 2
    assert caught.value.remedy
    assert str(address) in str(caught.value)
    return caught.value.what


def made(address: Address) -> sqlite3.Connection:
    """A connection to a database that Optuna made."""
    database = open_database(address, create=True)
    assert database.engine is not None
    database.engine.dispose()
    return sqlite3.connect(address.path or "", isolation_level=None)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    address = parse(f"sqlite:///{tmp_path}/gone/results.db")
    assert told(address) == f"the folder {tmp_path}/gone doesn't exist"
    assert not (tmp_path / "gone").exists()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert told(parse(f"sqlite:///{tmp_path}")) == "this is a folder"


@pytest.mark.parametrize("content", [b"x", os.urandom(4096), b"SQLite format 4\x00"])
def test_a_file_of_something_else_is_left_alone(sqlite: Address, content: bytes) -> None:
    assert sqlite.path is not None
    sqlite.path.write_bytes(content)
    assert told(sqlite) == "the file isn't a SQLite database"
    assert sqlite.path.read_bytes() == content


def test_a_header_with_rubbish_behind_it(sqlite: Address) -> None:
    assert sqlite.path is not None
    sqlite.path.write_bytes(b"SQLite format 3\x00" + os.urandom(8000))
    assert told(sqlite) in ("the file isn't a SQLite database", "the database file is damaged")


def test_a_file_that_was_cut_off(sqlite: Address) -> None:
    made(sqlite).close()
    assert sqlite.path is not None
    content = sqlite.path.read_bytes()
    sqlite.path.write_bytes(content[: len(content) // 3])
    assert told(sqlite) == "the database file is damaged"


def test_another_program_keeps_the_lock(sqlite: Address) -> None:
    with made(sqlite) as other:
        other.execute("BEGIN EXCLUSIVE")
        database = open_database(sqlite, create=False, lock_wait_seconds=0)
        with pytest.raises(StorageError, match="another program keeps the database locked"):
            with database.errors():
                database.storage.create_new_study([optuna.study.StudyDirection.MINIMIZE], "x")


def test_a_full_disk(sqlite: Address) -> None:
    made(sqlite).close()
    database = open_database(sqlite, create=False)
    assert database.engine is not None

    @sqlalchemy.event.listens_for(database.engine, "connect")
    def limit(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA max_page_count=1")

    database.engine.dispose()
    with pytest.raises(StorageError, match="the disk is full"), database.errors():
        study = optuna.create_study(storage=database.storage, study_name="x")
        study.set_user_attr("large", "x" * 100_000)


def test_a_file_that_can_only_be_read(sqlite: Address) -> None:
    made(sqlite).close()
    url = f"sqlite:///file:{sqlite.path}?mode=ro&uri=true"
    with pytest.raises(StorageError) as caught, storage_errors(sqlite):
        optuna.create_study(storage=optuna.storages.RDBStorage(url, skip_table_creation=True))
    assert caught.value.what == "the file or its folder is read-only"


@pytest.fixture
def of_nobody() -> Iterator[Path]:
    """A folder of somebody who isn't root, for nothing is read-only to root; and be that person."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid() != 0:
            yield Path(name)
            return
        os.chown(name, _NOBODY, -1)
        os.setresuid(_NOBODY, _NOBODY, 0)
        yield Path(name)
        os.setresuid(0, 0, 0)


def test_a_folder_that_can_only_be_read(of_nobody: Path) -> None:
    of_nobody.chmod(0o500)
    with pytest.raises(StorageError, match="read-only"):
        probe(parse(f"sqlite:///{of_nobody / 'results.db'}"))


@pytest.mark.parametrize(
    ("version", "what"),
    [
        ("v9.9.9", "the database was made by another Optuna than the installed one"),
        ("v2.6.0.a", "the database was made by an older Optuna"),
    ],
)
def test_another_schema_version(sqlite: Address, version: str, what: str) -> None:
    with made(sqlite) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()
    assert told(sqlite) == what
    assert told(sqlite, create=False) == what


def test_a_missing_file_is_not_created_by_reading(sqlite: Address) -> None:
    assert sqlite.path is not None
    with pytest.raises(NotStoredError, match="there is no database yet"):
        open_database(sqlite, create=False)
    assert list(sqlite.path.parent.iterdir()) == []


def test_a_database_of_something_else_gets_no_tables_by_reading(sqlite: Address) -> None:
    with sqlite3.connect(sqlite.path or "") as connection:
        connection.execute("CREATE TABLE books (title)")
    with pytest.raises(NotStoredError, match="the database holds no studies"):
        open_database(sqlite, create=False)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("books",)]
    connection.close()


def test_a_probe_creates_nothing(sqlite: Address) -> None:
    assert sqlite.path is not None
    probe(sqlite)
    assert list(sqlite.path.parent.iterdir()) == []


def test_the_default_folder_may_be_missing(in_folder: Path) -> None:
    address = parse("sqlite:///storage/optisearch.db")
    check_place(address)
    probe(address)
    assert list(in_folder.iterdir()) == []
    open_database(address, create=True)
    assert (in_folder / "storage" / "optisearch.db").exists()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("postgresql://ann:s3cret@127.0.0.1:1/x", "nothing listens there"),
        ("mysql://ann:s3cret@127.0.0.1:1/x", "nothing listens there"),
        ("postgresql://ann:s3cret@no-such-host.invalid/x", "the host name is unknown"),
        ("mysql://ann:s3cret@no-such-host.invalid/x", "the host name is unknown"),
        ("postgresql://ann:s3cret@/x?host=/no/such/folder", "nothing listens there"),
    ],
)
def test_servers_that_cannot_be_reached(url: str, what: str) -> None:
    assert told(parse(url)) == what


def test_a_server_without_the_database(postgresql: Address) -> None:
    missing = parse(postgresql.text.replace(postgresql.masked.rpartition("/")[2], "missing"))
    assert told(missing) == "the server knows no such database or user"


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_a_missing_driver_is_told_with_the_extra_that_brings_it(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for driver in ("psycopg", "pymysql"):
        monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(StorageError) as caught:
        open_database(parse(f"{dialect}://ann:s3cret@127.0.0.1:1/x"), create=True)
    assert str(caught.value) == (
        f"{dialect}://ann:***@127.0.0.1:1/x: the driver for {dialect} isn't installed. "
        f"pip install 'optisearch[{dialect}]'."
    )


class Driver(Exception):
    """A driver's error."""


# Messages that need a server with passwords, or a busy one.
@pytest.mark.parametrize(
    ("message", "what"),
    [
        (
            'connection failed: FATAL: password authentication failed for user "ann"',
            "the server refuses the user or the password",
        ),
        ("fe_sendauth: no password supplied", "the server asks for a password"),
        (
            "(1045, \"Access denied for user 'ann'@'localhost' (using password: YES)\")",
            "the server refuses the user or the password",
        ),
        ("(1049, \"Unknown database 'x'\")", "there is no such database on the server"),
        ("connection timeout expired", "the server doesn't answer"),
        ("FATAL: sorry, too many clients already", "the server has no free connection"),
        ("permission denied for schema public", "the user lacks a permission"),
    ],
)
def test_what_servers_say(message: str, what: str) -> None:
    error = sqlalchemy.exc.OperationalError("SELECT 's3cret'", {}, Driver(message))
    explained = explain(error, parse("postgresql://ann:s3cret@db/x"))
    assert explained is not None
    assert explained.what == what
    assert "s3cret" not in str(explained)


def test_unknown_errors_show_the_drivers_first_line_alone(sqlite: Address) -> None:
    error = sqlalchemy.exc.OperationalError("SELECT 's3cret'", {}, Driver("odd\nmore"))
    explained = explain(error, sqlite)
    assert explained is not None
    assert explained.what == "the database fails (odd)"


def test_other_errors_pass(sqlite: Address) -> None:
    with pytest.raises(ZeroDivisionError), storage_errors(sqlite):
        _ = 1 / 0
    with pytest.raises(StorageError, match=r"^as it is\.$"), storage_errors(sqlite):
        raise StorageError("as it is")


def test_no_known_text_hides_another() -> None:
    """The first match counts: what is more special comes first."""
    texts = [text for text, _, _ in _KNOWN]
    for later, text in enumerate(texts):
        assert not [earlier for earlier in texts[:later] if earlier in text]
        assert text == text.lower()
