"""Claims about levels beside each other. A judge takes one half of a comparison and answers.

All are two-sided 95 % intervals or tests at 5 %, paired by seed, as in the reports.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from docs.findings.answer import (
    Answer,
    Judgement,
    answer,
    difference,
    level_mean,
    missing,
    names,
    ratio,
)
from docs.findings.shelf import Half
from optisearch.reading.measures import TO_TARGET
from optisearch.report import format as fmt
from optisearch.statistics import (
    Paired,
    judge_first,
    judge_order,
    paired_difference,
    paired_ratio,
    verdict,
)
from optisearch.statistics.levels import Direction


@dataclass(frozen=True)
class Figure:
    """The published figure of one level; of times its ratio to the first row's."""

    level: Any

    def __call__(self, half: Half) -> Answer:
        finding = half.finding
        if not half.trials(self.level) or not finding.seeds:
            return missing("no seed yet")
        told = level_mean(half, self.level).removeprefix(f"{fmt.setting(self.level)} ")
        if finding.is_time:
            if self.level == finding.reference:
                return answer(half, [self.level], told, "shown", "what the others are held to")
            told = ratio(finding.ratios[self.level])
        judged = finding.verdicts[self.level]
        levels = [self.level, finding.reference] if finding.is_time else [self.level]
        return answer(half, levels, told, judged.judgement, judged.reason)


@dataclass(frozen=True)
class PublishedOrder:
    """The order that the published figures imply."""

    def __call__(self, half: Half) -> Answer:
        order, finding = half.finding.order, half.finding
        if order is None or not finding.seeds:
            return missing("no seed yet")
        levels = [level for place in finding.claim for level in place]
        ranked = sorted(order.ranks.items(), key=lambda pair: pair[1])
        ranks = [f"{fmt.setting(level)} {fmt.figure(rank)}" for level, rank in ranked]
        told = f"mean ranks: {fmt.listing(ranks)}" if ranks else "no seed that all of them have"
        return answer(half, levels, told, order.verdict.judgement, order.verdict.reason)


@dataclass(frozen=True)
class Ordered:
    """These levels, the best first."""

    levels: tuple[Any, ...]
    measure: str = ""

    def __call__(self, half: Half) -> Answer:
        values, direction = half.values(self.measure), half.direction(self.measure)
        lacking = [level for level in self.levels if not values.get(level)]
        if lacking:
            return missing(f"no result of {names(lacking)} yet")
        order = judge_order({level: values[level] for level in self.levels}, self.levels, direction)
        judgement, reason = order.verdict.judgement, order.verdict.reason
        waits = self.measure in TO_TARGET
        never = [
            level for level in self.levels if not any(map(math.isfinite, values[level].values()))
        ]
        if waits and judgement == "undecided" and len(never) > 1:
            reason = f"{names(never)} never reach the target"
        told = "; ".join(
            _median(level, values[level]) if waits else level_mean(half, level, self.measure)
            for level in self.levels
        )
        return answer(half, self.levels, f"{self.measure} {told}".strip(), judgement, reason)


def _median(level: Any, values: Mapping[int, float]) -> str:
    """A level's median; a target that wasn't reached counts as one that takes for ever."""
    found = median(values.values())
    told = fmt.figure(found) if math.isfinite(found) else "never"
    return f"{fmt.setting(level)} {told} (median, n {len(values)})"


@dataclass(frozen=True)
class First:
    """One level is the best of all, or of some."""

    level: Any
    among: tuple[Any, ...] = ()
    measure: str = ""

    def __call__(self, half: Half) -> Answer:
        known, direction = half.values(self.measure), half.direction(self.measure)
        levels = [self.level, *(each for each in self.among or half.levels if each != self.level)]
        lacking = [level for level in levels if not known.get(level)]
        if lacking:
            return missing(f"no result of {names(lacking)} yet")
        order = judge_first({level: known[level] for level in levels}, self.level, direction)
        best = min(order.ranks, key=order.ranks.__getitem__, default=self.level)
        told = [
            level_mean(half, level, self.measure) for level in dict.fromkeys([self.level, best])
        ]
        if best == self.level:
            told.append("the best mean rank")
        return answer(half, levels, "; ".join(told), order.verdict.judgement, order.verdict.reason)


@dataclass(frozen=True)
class Better:
    """One level is better than another: the whole interval of their difference says so."""

    level: Any
    than: Any
    measure: str = ""

    def __call__(self, half: Half) -> Answer:
        found = compared(half, self.level, self.than, self.measure)
        if found is None:
            return missing(f"no result of {names([self.level, self.than], ' or ')} yet")
        direction = half.direction(self.measure)
        judgement, reason = _better(half, self, found, direction)
        name, other = fmt.setting(self.level), fmt.setting(self.than)
        measure = self.measure or half.measure
        told = f"{measure}: {name} less {other} {difference(found)}"
        return answer(half, [self.level, self.than], told, judgement, reason)


def _better(
    half: Half, claim: Better, found: Paired, direction: Direction
) -> tuple[Judgement, str]:
    one = found.estimate
    if one.diverged or one.low is None or one.high is None:
        # Ranks tell what differences can't: a diverged run is worse than any other.
        values = half.values(claim.measure)
        order = judge_order(values, (claim.level, claim.than), direction)
        return order.verdict.judgement, order.verdict.reason
    low, high = (one.low, one.high) if direction == "maximize" else (-one.high, -one.low)
    if low > 0:
        return "holds", "the whole interval is on the better side"
    if high < 0:
        return "contradicted", "the whole interval is on the worse side"
    return "undecided", "the interval contains 0"


def compared(half: Half, level: Any, other: Any, measure: str) -> Paired | None:
    """The difference of two levels, seed by seed; None where one of them has no result."""
    values = half.values(measure)
    one, two = values.get(level), values.get(other)
    return paired_difference(one, two) if one and two else None


@dataclass(frozen=True)
class Similar:
    """Two levels differ by less than a margin: the whole interval lies within it."""

    level: Any
    to: Any
    margin: float
    measure: str = ""

    def __call__(self, half: Half) -> Answer:
        found = compared(half, self.level, self.to, self.measure)
        if found is None:
            return missing(f"no result of {names([self.level, self.to], ' or ')} yet")
        judged = verdict(found.estimate, 0.0, self.margin)
        told = (
            f"{fmt.setting(self.level)} less {fmt.setting(self.to)} {difference(found)}; similar: "
            f"within ± {fmt.figure(self.margin)}"
        )
        outside = judged.judgement == "contradicted"
        reason = "the whole interval is beyond the margin" if outside else judged.reason
        return answer(half, [self.level, self.to], told, judged.judgement, reason)


@dataclass(frozen=True)
class Longer:
    """One level takes longer than another, at least so many times as long."""

    level: Any
    than: Any
    by: float = 1.0
    measure: str = "seconds"

    def __call__(self, half: Half) -> Answer:
        return _times(half, self.level, self.than, self.measure, self.by, longer=True)


@dataclass(frozen=True)
class NoLonger:
    """One level takes at most so many times as long as another."""

    level: Any
    than: Any
    at_most: float
    measure: str = "seconds"

    def __call__(self, half: Half) -> Answer:
        return _times(half, self.level, self.than, self.measure, self.at_most, longer=False)


def _times(
    half: Half, level: Any, other: Any, measure: str, limit: float, *, longer: bool
) -> Answer:
    values = half.values(measure)
    one, two = values.get(level), values.get(other)
    if not one or not two:
        return missing(f"no result of {names([level, other], ' or ')} yet")
    found = paired_ratio(one, two)
    low, high = found.estimate.low, found.estimate.high
    judgement: Judgement
    if low is None or high is None or math.isnan(low):
        judgement, reason = "undecided", found.estimate.no_interval
    elif low > limit:
        judgement, reason = "holds" if longer else "contradicted", "the whole interval is above"
    elif high <= limit:
        judgement, reason = "contradicted" if longer else "holds", "the whole interval is below"
    else:
        judgement, reason = "undecided", "the interval contains the limit"
    word = "more than" if longer else "at most"
    told = (
        f"{measure}: {fmt.setting(level)} takes {ratio(found)} of {fmt.setting(other)}; "
        f"claimed is {word} {fmt.figure(limit)} ×"
    )
    return answer(half, [level, other], told, judgement, reason)
