"""How far the tuning of one level is: what was tried, what is to be tried, what was chosen."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optisearch.plan import tuning
from optisearch.plan.cells import Cell, Ledger
from optisearch.plan.tuning import Region
from optisearch.space.stored import FactorInfo

Values = dict[str, Any]


@dataclass(frozen=True)
class Tuning:
    """How a level was tuned.

    Attributes:
        cells: What was, or is to be, tried.
        regions: Tuned factor → where it was searched; None for a choice.
        widened: The factors that were searched beyond their declared range.
        at_edge: The factors whose chosen value is the outermost that was tried, and whose range
            wasn't, or can't be, widened further.
        chosen: The values of the tuned factors; None until all cells are done.
        hopeless: Whether no cell gave a finite value, so that there is nothing to choose.
    """

    cells: tuple[Cell, ...] = ()
    regions: Mapping[str, Region | None] = field(default_factory=dict)
    widened: tuple[str, ...] = ()
    at_edge: tuple[str, ...] = ()
    chosen: Mapping[str, Any] | None = None
    hopeless: bool = False

    @property
    def is_settled(self) -> bool:
        return self.chosen is not None or self.hopeless


@dataclass(frozen=True)
class Tuner:
    """Tunes the factors that have a meaning at one level.

    Attributes:
        factors: The tuned factors, by name.
        points: Points of the unit cube, a coordinate for each of the factors.
        first: How many of the points are tried before anything is widened.
        cell: The cell for values of the tuned factors.
        maximize: Whether more of the study's metric is better.
    """

    factors: Mapping[str, FactorInfo]
    points: Sequence[Sequence[float]]
    first: int
    cell: Callable[[Values], Cell]
    maximize: bool

    def tuning(self, ledger: Ledger) -> Tuning:
        """The state that follows from the trials so far."""
        if not self.factors:
            return Tuning((), {}, chosen={})
        regions = {name: tuning.region(factor) for name, factor in self.factors.items()}
        tried = [self._values(point, regions) for point in self.points[: self.first]]
        widened: tuple[str, ...] = ()
        best: Values = {}
        for start in range(self.first, len(self.points) + 1, tuning.POINTS_PER_WIDENING):
            cells = tuple({(cell := self.cell(values)).key: cell for values in tried}.values())
            if any(ledger.is_open(cell) for cell in cells):
                return Tuning(cells, regions, widened)
            found = self._best(tried, ledger)
            if found is None:
                return Tuning(cells, regions, widened, hopeless=True)
            best = found
            added = self._beyond(best, tried, regions)
            more = self.points[start : start + tuning.POINTS_PER_WIDENING]
            if not added or not more:
                break
            tried += [self._values(point, regions | added) for point in more]
            regions = {name: _joined(region, added.get(name)) for name, region in regions.items()}
            widened = tuple(dict.fromkeys([*widened, *added]))
        return Tuning(cells, regions, widened, self._edges(best, tried), best)

    def _values(self, point: Sequence[float], regions: Mapping[str, Region | None]) -> Values:
        return {
            name: tuning.value_at(factor, unit, regions[name])
            for (name, factor), unit in zip(self.factors.items(), point, strict=True)
        }

    def _best(self, tried: Sequence[Values], ledger: Ledger) -> Values | None:
        """The best of those that didn't diverge; of equal ones the first."""
        sign = 1 if self.maximize else -1
        known = [(ledger.values.get(self.cell(values).key, math.nan), values) for values in tried]
        finite = [(sign * value, values) for value, values in known if math.isfinite(value)]
        return max(finite, key=lambda pair: pair[0])[1] if finite else None

    def _beyond(
        self, best: Values, tried: Sequence[Values], regions: Mapping[str, Region | None]
    ) -> dict[str, Region | None]:
        found = {}
        for name, factor in self.factors.items():
            region, values = regions[name], [values[name] for values in tried]
            if region is not None:
                found[name] = tuning.beyond(factor, region, best[name], values)
        return {name: region for name, region in found.items() if region is not None}

    def _edges(self, best: Values, tried: Sequence[Values]) -> tuple[str, ...]:
        return tuple(
            name
            for name, factor in self.factors.items()
            if factor.kind != "choice"
            and best[name] in (min(t[name] for t in tried), max(t[name] for t in tried))
        )


def _joined(region: Region | None, added: Region | None) -> Region | None:
    if region is None or added is None:
        return region
    return Region(min(region.low, added.low), max(region.high, added.high))
