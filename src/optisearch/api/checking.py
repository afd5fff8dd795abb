"""The values of arguments, checked before anything is started."""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeVar

from optisearch import address as addresses
from optisearch.address import Address
from optisearch.errors import OptisearchError
from optisearch.quantities import read_duration, read_size

T = TypeVar("T", int, float)
# Seconds, or what the command line takes: `90s`, `30m`, `1h30m`.
Duration = float | str | timedelta


def whole(name: str, value: int | None, *, least: int = 1) -> int | None:
    """A number from `least` on, or None.

    Raises:
        OptisearchError: It is none.
    """
    if value is None or (_is_whole(value) and value >= least):
        return value
    raise _wrong(name, f"{value!r} is no number", f"Give {least} or more")


def seconds(name: str, value: Duration | None) -> float | None:
    """A length of time in seconds, or None.

    Raises:
        OptisearchError: It is none.
    """
    given = value.total_seconds() if isinstance(value, timedelta) else value
    return _quantity(name, given, read_duration)


def size(name: str, value: int | str | None) -> int | None:
    """An amount of memory in bytes, or None.

    Raises:
        OptisearchError: It is none.
    """
    return _quantity(name, value, read_size)


def workers(value: int | Literal["auto"] | None) -> int | Literal["auto"] | None:
    """How many workers.

    Raises:
        OptisearchError: It is no number of them.
    """
    if value is None or value == "auto":
        return value
    try:
        return whole("workers", value)
    except OptisearchError:
        raise _wrong(
            "workers", f"{value!r} is no number of workers", 'Give 1 or more, or "auto"'
        ) from None


def gpus(value: Sequence[int] | Literal["all"] | None) -> tuple[int, ...] | Literal["all"] | None:
    """Which GPUs.

    Raises:
        OptisearchError: It names none.
    """
    if value is None or value == "all":
        return value
    numbers = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    if (
        numbers
        and all(_is_whole(n) and n >= 0 for n in numbers)
        and len(set(numbers)) == len(numbers)
    ):
        return tuple(numbers)
    raise _wrong("gpus", f"{value!r} names no GPUs", 'Give their numbers, as in [0, 1], or "all"')


def needs(name: str, value: object, other: str, given: object) -> None:
    """Raise an OptisearchError if an argument is given without another that it belongs to."""
    if value is not None and not given:
        raise _wrong(name, f"it says nothing without {other}", f"Give {other} too")


def place(storage: str | None, storage_file: str | os.PathLike[str] | None) -> Address:
    """The database that is named, else that of the environment, else the default.

    Raises:
        StorageError: It can't be used.
        OptisearchError: It is named twice.
    """
    if storage is not None and storage_file is not None:
        raise _wrong("storage", "storage_file names the database too", "Keep one of them")
    if storage is not None:
        return addresses.parse(storage)
    return addresses.read(Path(storage_file)) if storage_file is not None else addresses.default()


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _quantity(name: str, value: T | str | None, read: Callable[[str], T]) -> T | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return read(value)
        except ValueError as error:
            what, _, remedy = str(error).partition(". ")
            raise _wrong(name, what, remedy) from None
    if isinstance(value, int | float) and 0 < value < float("inf"):
        return value
    raise _wrong(name, f"{value!r} isn't more than 0", "Leave it out for no limit")


def _wrong(name: str, what: str, remedy: str) -> OptisearchError:
    return OptisearchError(what, where=name, remedy=remedy)
