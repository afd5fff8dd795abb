"""The winner of a search and the baseline, on fresh seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from optisearch.plan.cells import Cell, Ledger
from optisearch.plan.planning import EVERYTHING, Wanted
from optisearch.seeding import Purpose, seed


@dataclass(frozen=True)
class Contestant:
    """One point that is confirmed.

    Attributes:
        name: `winner` or `baseline`.
        point: Its active factors.
        trial: The number of its trial in the search.
        value: That trial's value there.
    """

    name: str
    point: Mapping[str, Any]
    trial: int | None = None
    value: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "point": dict(self.point),
            "trial": self.trial,
            "value": self.value,
        }


@dataclass(frozen=True)
class Confirmation:
    """What a confirm stage trains.

    Attributes:
        contestants: The winner and the baseline, or the baseline alone where it won.
        seeds: How many seeds each is trained with.
        study_seed: The stage's seed.
        earlier: Winners that the test part was opened for before.
    """

    contestants: tuple[Contestant, ...]
    seeds: int
    study_seed: int = 0
    earlier: tuple[Contestant, ...] = ()

    def cells(self, contestant: Contestant) -> list[Cell]:
        return [
            Cell(contestant.point, seed(self.study_seed, i, Purpose.CONFIRMATION))
            for i in range(self.seeds)
        ]

    def due(self, _ledger: Ledger, _wanted: Wanted = EVERYTHING) -> list[Cell]:
        """Every cell, done or not, a seed at a time."""
        rows = [self.cells(contestant) for contestant in self.contestants]
        return list(chain.from_iterable(zip(*rows, strict=True)))

    def foreseen(self, _ledger: Ledger, _wanted: Wanted = EVERYTHING) -> int:
        return 0

    @classmethod
    def from_stored(
        cls, stored: Mapping[str, Sequence[Mapping[str, Any]]], seeds: int, study_seed: int
    ) -> "Confirmation":
        now, earlier = (
            tuple(Contestant(**each) for each in stored[key]) for key in ("contestants", "earlier")
        )
        return cls(now, seeds, study_seed, earlier)
