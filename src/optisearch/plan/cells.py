"""Cells, and what the trials so far say about them."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from optisearch.record import MAX_FAILED_ATTEMPTS, MAX_FAILURES_AT_A_POINT, MAX_LOST_ATTEMPTS

CellPurpose = Literal["repeat", "tuning"]
CellEnding = Literal["done", "failed", "lost", "interrupted", "running"]


@dataclass(frozen=True)
class Cell:
    """One point to be trained with one seed.

    Attributes:
        point: The active factors with their values.
        seed: What its randomness is seeded with, in [0, 2**31).
        purpose: `repeat`: its result stands in a table. `tuning`: it serves to choose a setting.
    """

    point: Mapping[str, Any]
    seed: int
    purpose: CellPurpose = "repeat"

    @cached_property
    def key(self) -> str:
        """What the cell is known by in the database: the same for the same point, however it came
        about."""
        return json.dumps({"point": self.point, "seed": self.seed, "purpose": self.purpose})

    @cached_property
    def place(self) -> str:
        """The same for all seeds."""
        return json.dumps(self.point)


@dataclass(frozen=True)
class Attempt:
    """What one trial did for its cell.

    Attributes:
        number: The trial's number.
        key: Its cell's.
        ending: What became of it; `done` for completed and diverged ones.
        value: The study's metric at the last epoch; of a diverged one the worst infinity.
    """

    number: int
    key: str
    ending: CellEnding
    value: float | None = None


@dataclass(frozen=True)
class Ledger:
    """What the trials so far say about cells.

    Attributes:
        values: Cell → value, of those that are done.
        running: The cells that somebody trains.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    running: frozenset[str] = frozenset()
    _failed: Mapping[str, int] = field(default_factory=dict)
    _lost: Mapping[str, int] = field(default_factory=dict)
    _failed_at: Mapping[str, int] = field(default_factory=dict)
    _done_at: frozenset[str] = frozenset()
    _last: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, attempts: Iterable[Attempt]) -> "Ledger":
        """Count attempts, given in the order of their numbers."""
        listed = list(attempts)
        places = {attempt.key: _place(attempt.key) for attempt in listed}
        values: dict[str, float] = {}
        for attempt in listed:
            if attempt.ending == "done" and attempt.value is not None:
                values.setdefault(attempt.key, attempt.value)
        return cls(
            values=values,
            running=frozenset(a.key for a in listed if a.ending == "running"),
            _failed=Counter(a.key for a in listed if a.ending == "failed"),
            _lost=Counter(a.key for a in listed if a.ending == "lost"),
            _failed_at=Counter(places[a.key] for a in listed if a.ending == "failed"),
            _done_at=frozenset(places[key] for key in values),
            _last={a.key: a.number for a in listed},
        )

    def is_done(self, cell: Cell) -> bool:
        return cell.key in self.values

    def is_given_up(self, cell: Cell) -> bool:
        """Whether it failed, or lost its workers, too often to be tried again.

        A point that fails with every seed isn't tried with all of them.
        """
        hopeless = (
            self._failed_at.get(cell.place, 0) >= MAX_FAILURES_AT_A_POINT
            and cell.place not in self._done_at
        )
        return not self.is_done(cell) and (
            hopeless
            or self._failed.get(cell.key, 0) >= MAX_FAILED_ATTEMPTS
            or self._lost.get(cell.key, 0) >= MAX_LOST_ATTEMPTS
        )

    def is_open(self, cell: Cell) -> bool:
        return not self.is_done(cell) and not self.is_given_up(cell)

    def failures(self, cell: Cell) -> int:
        """How often it failed or was lost: those that never did come first."""
        return self._failed.get(cell.key, 0) + self._lost.get(cell.key, 0)

    def last_attempt(self, cell: Cell) -> int | None:
        """The number of the latest trial for it."""
        return self._last.get(cell.key)


def _place(key: str) -> str:
    return json.dumps(json.loads(key)["point"])
