"""What can be known of an address before anything connects to it."""

import os
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
