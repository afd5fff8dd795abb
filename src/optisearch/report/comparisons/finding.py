"""A comparison with all that its numbers say, computed once for tables, sentences and figures."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from optisearch.objectives import TO_TARGET
from optisearch.reading import ComparisonResults, LevelResults, StageResults, comparisons
from optisearch.reading.measures import is_time, more_is_better
from optisearch.report.comparisons.orders import Claim, claimed, judge
from optisearch.statistics import (
    Comparisons,
    Estimate,
    Order,
    Paired,
    Verdict,
    compare_levels,
    estimate,
    paired_ratio,
    verdict,
)

Values = Mapping[Any, Mapping[int, float]]


@dataclass(frozen=True)
class Finding:
    """One half of a comparison, at the settings as they stand or tuned.

    Attributes:
        results: Its rows.
        reference: The level that the others are compared to. Of times: the first level with a
            published figure, else the first.
        values: Level → seed → what was measured.
        estimates: Each level's mean over its seeds.
        compared: Which levels can be told apart. Times are compared by their logarithms, which is
            to say by their ratios.
        ratios: Of times: each level's ratio to the reference; else empty.
        published: Each level's published figure; of times its ratio to the reference's.
        verdicts: The judgements on them. A ratio of the reference to itself is none.
        claim: The order that the published figures imply, level ones together.
        order: The judgement on it; None where they imply none.
    """

    results: ComparisonResults
    reference: Any
    values: Values
    estimates: Mapping[Any, Estimate]
    compared: Comparisons
    ratios: Mapping[Any, Paired]
    published: Mapping[Any, float]
    verdicts: Mapping[Any, Verdict]
    claim: Claim
    order: Order | None

    @property
    def measure(self) -> str:
        """What is measured."""
        return self.results.planned.measure

    @property
    def factor(self) -> str:
        """What is compared."""
        return self.results.planned.factor

    @property
    def tuned(self) -> bool:
        """Which half this is."""
        return self.results.tuned

    @property
    def rows(self) -> tuple[LevelResults, ...]:
        """The levels, in the order of the table."""
        return self.results.levels

    @property
    def is_time(self) -> bool:
        """Whether seconds are measured, so that ratios are compared."""
        return is_time(self.measure)

    @property
    def waits(self) -> bool:
        """Whether a target's being reached is measured, so that some seeds may never do."""
        return self.measure in TO_TARGET

    @property
    def more_is_better(self) -> bool:
        """Whether more of the measure is better."""
        results = self.results
        return more_is_better(self.measure, results.metric, maximize=results.maximize)

    @property
    def seeds(self) -> int:
        """The most seeds that any level's mean has."""
        return max((found.n for found in self.estimates.values()), default=0)

    @property
    def cells(self) -> tuple[int, int]:
        """How many of its cells are there, of how many that are known to be needed."""
        rows = self.rows[:1] if self.results.planned.reads_one_run else self.rows
        return sum(len(row.trials) for row in rows), sum(row.planned for row in rows)

    @property
    def is_whole(self) -> bool:
        """Whether every cell of every level is there."""
        there, planned = self.cells
        return there == planned and all(row.point is not None for row in self.rows)


def findings(stage: StageResults) -> tuple[Finding, ...]:
    """All comparisons of a stage, each with its halves."""
    return tuple(map(examine, comparisons(stage)))


def examine(results: ComparisonResults) -> Finding:
    """What the numbers of one half of a comparison say."""
    planned, values = results.planned, results.values()
    times = is_time(planned.measure)
    figures = {row.level: planned.figure(row.level) for row in results.levels}
    published = {level: figure for level, figure in figures.items() if figure is not None}
    reference = results.reference
    if times:
        reference = next(iter(published), results.levels[0].level)
        whole = published.get(reference)  # a time of 0 has no ratios
        published = {level: figure / whole for level, figure in published.items() if whole}
    more = more_is_better(planned.measure, results.metric, maximize=results.maximize)
    tested = _logarithms(values) if times else values
    estimates = {level: estimate(measured.values()) for level, measured in values.items()}
    ratios = {
        level: paired_ratio(measured, values[reference])
        for level, measured in values.items()
        if times
    }
    judged = {level: ratio.estimate for level, ratio in ratios.items()} if times else estimates
    verdicts = {
        level: _verdict(judged[level], figure, results)
        for level, figure in published.items()
        if not (times and level == reference)
    }
    claim = claimed(published, more_is_better=more)
    return Finding(
        results=results,
        reference=reference,
        values=values,
        estimates=estimates,
        compared=compare_levels(tested, reference),
        ratios=ratios,
        published=published,
        verdicts=verdicts,
        claim=claim,
        order=judge(tested, claim, "maximize" if more else "minimize"),
    )


def _verdict(found: Estimate, figure: float, results: ComparisonResults) -> Verdict:
    judged = verdict(found, figure, results.planned.tolerance)
    if results.planned.measure not in TO_TARGET:
        return judged
    # What isn't finite is to `statistics` a diverged value; here it is a target not reached.
    reason = judged.reason.replace("seeds diverged", "seeds didn't reach the target")
    return replace(judged, reason=reason.replace("seed diverged", "seed missed the target"))


def _logarithms(values: Values) -> dict[Any, dict[int, float]]:
    return {
        level: {
            seed: math.log(value) if 0 < value < math.inf else math.nan
            for seed, value in measured.items()
        }
        for level, measured in values.items()
    }
