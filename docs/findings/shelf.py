"""What is stored, by study and comparison: where a claim finds its measurements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from optisearch.reading import (
    ComparisonResults,
    StageInfo,
    StageResults,
    TrialResult,
    comparisons,
)
from optisearch.reading.measures import more_is_better
from optisearch.report.comparisons.finding import Finding, examine
from optisearch.statistics.levels import Direction

Values = dict[Any, dict[int, float]]

# What lies between a validation metric and the same of the training: `val_loss - loss`.
_LESS = " - "


@dataclass(frozen=True)
class Half:
    """One half of a comparison, and the stage that it is part of."""

    stage: StageResults
    results: ComparisonResults

    @cached_property
    def finding(self) -> Finding:
        """What the report says about it."""
        return examine(self.results)

    @property
    def measure(self) -> str:
        return self.results.planned.measure

    @property
    def levels(self) -> tuple[Any, ...]:
        return tuple(row.level for row in self.results.levels)

    @property
    def is_begun(self) -> bool:
        """Whether any of its rows has a result."""
        return any(row.trials for row in self.results.levels)

    @property
    def is_whole(self) -> bool:
        return self.finding.is_whole

    @property
    def unbeaten(self) -> tuple[Any, ...]:
        """The levels among which the best is."""
        return self.finding.compared.unbeaten(self.direction())

    def values(self, measure: str = "") -> Values:
        """Level → seed → value; `a - b` is the difference of two measures."""
        name, _, other = measure.partition(_LESS)
        values = self.results.values(name)
        if not other:
            return values
        less = self.results.values(other)
        return {
            level: {
                seed: value - less[level][seed]
                for seed, value in found.items()
                if seed in less[level]
            }
            for level, found in values.items()
        }

    def direction(self, measure: str = "") -> Direction:
        """Which values of a measure are better; of a gap the small ones."""
        measure = measure or self.measure
        if _LESS in measure:
            return "minimize"
        results = self.results
        more = more_is_better(measure, results.metric, maximize=results.maximize)
        return "maximize" if more else "minimize"

    def trials(self, level: Any) -> tuple[TrialResult, ...]:
        """The trials that a row is computed from."""
        rows = [row for row in self.results.levels if row.level == level]
        return tuple(rows[0].trials.values()) if rows else ()

    def planned(self, level: Any) -> int:
        """How many seeds a row is to have; 0 where its tuning hasn't come to a choice."""
        return next((row.planned for row in self.results.levels if row.level == level), 0)

    def beside(self, comparison: str = "", *, tuned: bool = False) -> "Half | None":
        """Another half in the same stage; by default of the same comparison."""
        wanted = comparison or self.results.planned.name
        return find_half(halves(self.stage), wanted, tuned=tuned)


def halves(stage: StageResults) -> tuple[Half, ...]:
    """All of a stage; none where it compares nothing."""
    return tuple(Half(stage, results) for results in comparisons(stage))


def find_half(among: Iterable[Half], comparison: str, *, tuned: bool) -> Half | None:
    """The half of the comparison of this name, or of this title."""
    return next(
        (
            half
            for half in among
            if half.results.tuned == tuned
            and comparison in {half.results.planned.name, half.results.planned.title}
        ),
        None,
    )


@dataclass(frozen=True)
class Shelf:
    """All stages, and what was measured of memory.

    Attributes:
        stages: In the order in which they were begun.
        batch_memory: Batch size → bytes beyond those at rest, one for each process; empty where it
            wasn't measured. See `benchmarks/batch_memory.py`.
    """

    stages: Sequence[StageResults]
    batch_memory: Mapping[int, Sequence[float]]

    @cached_property
    def _halves(self) -> tuple[tuple[str, Half], ...]:
        compared = [stage for stage in self.stages if stage.info.stage == "compare"]
        # The larger the data, the nearer to the document's.
        compared.sort(key=training_records, reverse=True)
        return tuple((stage.info.study, half) for stage in compared for half in halves(stage))

    def half(self, study: str, comparison: str, *, tuned: bool = False) -> Half | None:
        """The measurements of a comparison: whole ones first, then those of the most data."""
        own = [half for name, half in self._halves if name == study]
        found = [
            half for half in own if find_half([half], comparison, tuned=tuned) and half.is_begun
        ]
        return next((half for half in found if half.is_whole), found[0] if found else None)

    def of(self, study: str) -> tuple[StageResults, ...]:
        """The stages of a study, whatever data they were trained on."""
        return tuple(stage for stage in self.stages if stage.info.study == study)


def training_records(stage: StageResults) -> int:
    """How many records a stage trains on; 0 where nothing says."""
    return int((stage.info.data.get("sizes") or {}).get("train", 0))


def train_samples(info: StageInfo) -> int | None:
    """The `--train-samples` of a stage: its name ends in them (`mnist-10000/compare`)."""
    variant = info.name.partition("/")[0].removeprefix(info.study)
    last = variant.rpartition("-")[2]
    return int(last) if variant and last.isdigit() else None
