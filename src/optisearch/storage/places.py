"""What can be known of an address before anything connects to it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from optisearch.address import Address
from optisearch.errors import NotStoredError, StorageError


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
    """By SQLite itself: a process that opens its database in any other way ends all of its locks on
    it when it closes the file again (https://sqlite.org/howtocorrupt.html, 2.2)."""
    is_database = path.stat().st_size != 1  # which SQLite takes for an empty one
    try:
        question = f"{path.absolute().as_uri()}?immutable=1"  # takes no lock, makes no file
        with closing(sqlite3.connect(question, uri=True)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError:
        raise StorageError(
            "the file can't be read", where=str(address), remedy="Check its permissions"
        ) from None
    except sqlite3.DatabaseError as error:  # a damaged one: whoever connects says so
        is_database = "not a database" not in str(error)
    if not is_database:
        raise StorageError(
            "the file isn't a SQLite database",
            where=str(address),
            remedy="Name another file; this one wasn't touched",
        )
