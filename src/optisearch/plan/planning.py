"""Which cells there are, and which are due: pure functions of what is stored.

Nobody hands cells out. Each worker computes the same list from the stored comparisons and the
trials so far, and takes the next cell that nobody has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any

from optisearch.plan import tuning
from optisearch.plan.cells import Cell, CellPurpose, Ledger
from optisearch.plan.comparisons import Planned
from optisearch.plan.tuned import Tuner, Tuning
from optisearch.seeding import Purpose, seed
from optisearch.space.stored import FactorInfo, active_point

DEFAULT_SEEDS = 5


@dataclass(frozen=True)
class Wanted:
    """Which part of a plan is meant.

    Attributes:
        names: Comparisons by name, or all of a factor; none: all.
        tuned: Whether their tuned halves, too.
    """

    names: tuple[str, ...] = ()
    tuned: bool = True

    def of(self, comparisons: Iterable[Planned]) -> list[Planned]:
        return [
            each
            for each in comparisons
            if not self.names or each.name in self.names or each.factor in self.names
        ]


EVERYTHING = Wanted()


@dataclass(frozen=True)
class Plan:
    """All comparisons of a stage.

    Attributes:
        factors: All factors of the space.
        fixed: Its fields without a range.
        comparisons: What is compared.
        seeds: How many seeds a comparison has that doesn't say.
        study_seed: The stage's seed.
        maximize: Whether more of the study's metric is better.
    """

    factors: tuple[FactorInfo, ...]
    fixed: Mapping[str, Any]
    comparisons: tuple[Planned, ...]
    seeds: int = DEFAULT_SEEDS
    study_seed: int = 0
    maximize: bool = True

    def point(self, comparison: Planned, level: Any, tuned: Mapping[str, Any]) -> dict[str, Any]:
        """The active factors at a level, with these values of the tuned ones.

        Where `epochs` is compared: those of the longest run, which all levels are read from.
        """
        if comparison.reads_one_run:
            level = max(comparison.levels)
        values = {**comparison.base, **tuned, comparison.factor: level}
        return active_point(self.factors, values, self.fixed)

    def repeats(
        self, comparison: Planned, level: Any, tuned: Mapping[str, Any] | None = None
    ) -> list[Cell]:
        """The cells behind a row of a table: one point with fresh seeds, the same for all rows."""
        seeds = self.fresh_seeds[: comparison.seeds or self.seeds]
        return [self._cell(comparison, level, tuned or {}, each, "repeat") for each in seeds]

    def _cell(
        self,
        comparison: Planned,
        level: Any,
        tuned: Mapping[str, Any],
        cell_seed: int,
        purpose: CellPurpose,
    ) -> Cell:
        """A cell, made once: workers ask for all of them whenever they are free."""
        known = (comparison.name, repr(level), repr(tuned), cell_seed, purpose)
        if known not in self._cells:
            self._cells[known] = Cell(self.point(comparison, level, tuned), cell_seed, purpose)
        return self._cells[known]

    @cached_property
    def _cells(self) -> dict[tuple[Any, ...], Cell]:
        return {}

    @cached_property
    def fresh_seeds(self) -> tuple[int, ...]:
        most = max([self.seeds, *(each.seeds or 0 for each in self.comparisons)])
        return tuple(seed(self.study_seed, i, Purpose.COMPARISON) for i in range(most))

    def tuning(self, comparison: Planned, level: Any, ledger: Ledger) -> Tuning:
        """How far a level's tuning is: the cells it takes, and the choice once they are done."""
        return self._tuner(comparison, level).tuning(ledger)

    def due(self, ledger: Ledger, wanted: Wanted = EVERYTHING) -> list[Cell]:
        """Every cell that is known to be needed, done or not, in the order in which to train them.

        First the settings as they stand, a seed at a time, so that all tables fill alike; then the
        points for tuning; then what was chosen.
        """
        comparisons = wanted.of(self.comparisons)
        cells = _by_turns(
            self.repeats(each, level) for each in comparisons for level in each.levels
        )
        tunings = self._tunings(ledger, wanted)
        cells += _by_turns(found.cells for _, _, found in tunings)
        cells += _by_turns(
            self.repeats(comparison, level, found.chosen)
            for comparison, level, found in tunings
            if found.chosen is not None
        )
        return list({cell.key: cell for cell in cells}.values())

    def foreseen(self, ledger: Ledger, wanted: Wanted = EVERYTHING) -> int:
        """How many more cells will be due once all tuned levels have a choice."""
        return sum(
            comparison.seeds or self.seeds
            for comparison, _, found in self._tunings(ledger, wanted)
            if not found.is_settled
        )

    def _tunings(self, ledger: Ledger, wanted: Wanted) -> list[tuple[Planned, Any, Tuning]]:
        return [
            (each, level, self.tuning(each, level, ledger))
            for each in wanted.of(self.comparisons)
            if each.tune and wanted.tuned
            for level in each.levels
        ]

    def _tuner(self, comparison: Planned, level: Any) -> Tuner:
        here = self.point(comparison, level, {})
        columns = [at for at, name in enumerate(comparison.tune) if name in here]
        names = [comparison.tune[at] for at in columns]
        declared = {factor.name: factor for factor in self.factors}
        tuning_seed = seed(self.study_seed, 0, Purpose.TUNING)
        return Tuner(
            factors={name: declared[name] for name in names},
            points=[[point[at] for at in columns] for point in comparison.points],
            first=tuning.budget(len(comparison.tune)),
            cell=lambda values: self._cell(comparison, level, values, tuning_seed, "tuning"),
            maximize=self.maximize,
        )


def _by_turns(rows: Iterable[Sequence[Cell]]) -> list[Cell]:
    """The first of each row, then the second of each, …"""
    return [cell for turn in zip_longest(*rows) for cell in turn if cell is not None]
