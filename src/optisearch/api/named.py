"""Things that are found by their titles."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Generic, TypeVar

from optisearch.errors import OptisearchError

V = TypeVar("V")
T = TypeVar("T")


class NoSuchName(OptisearchError, KeyError):
    """There is nothing of that title."""


class Named(Mapping[str, T], Generic[V, T]):
    """Title → thing, in reading order; each is made when it is asked for.

    Args:
        what: What they are, for errors: `table`.
        of: Whose they are.
        entries: Titles with what things are made of. Of equal titles the second gets `(2)`, ….
        make: Makes a thing.
    """

    def __init__(
        self, what: str, of: str, entries: Iterable[tuple[str, V]], make: Callable[[str, V], T]
    ) -> None:
        self._what, self._of, self._make = what, of, make
        self._entries: dict[str, V] = {}
        for title, entry in entries:
            self._entries[_unused(title, self._entries)] = entry

    def __getitem__(self, title: str) -> T:
        if title not in self._entries:
            near = get_close_matches(str(title), self._entries, 1, cutoff=0.4)
            raise NoSuchName(
                f"there is no {self._what} {title!r}",
                where=self._of,
                remedy=f"Did you mean {near[0]!r}?" if near else "These are there",
                detail="\n".join(f"  {each!r}" for each in self._entries),
            )
        return self._make(title, self._entries[title])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        lines = "".join(f"\n  {title!r}" for title in self._entries)
        return f"{len(self)} {self._what}s of {self._of}{':' if self else ''}{lines}"


def _unused(title: str, used: Mapping[str, object]) -> str:
    found, number = title, 1
    while found in used:
        number += 1
        found = f"{title} ({number})"
    return found
