"""What was published, held against what was measured."""

import math
import sys
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from optisearch.statistics.estimate import CONFIDENCE, Estimate
from optisearch.statistics.evidence import holm
from optisearch.statistics.levels import Direction
from optisearch.statistics.paired import Measured, Paired, differences

Judgement = Literal["holds", "contradicted", "undecided"]

# `0.97 + 0.01` and 0.98 are the same figure to whoever published it.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Verdict:
    """A judgement and the reason for it, in a few words."""

    judgement: Judgement
    reason: str


def verdict(estimate: Estimate, published: float, tolerance: float = 0.0) -> Verdict:
    """Whether a published figure holds.

    It *holds* where the whole interval lies within published ± tolerance, the borders included (a
    test of equivalence: Schuirmann 1987, https://doi.org/10.1007/BF01068419); it is *contradicted*
    where the interval lies wholly outside, and *undecided* otherwise, or without an interval.
    Without a tolerance nothing with any spread holds.

    Args:
        estimate: What was measured; for a time, the ratio to the first row.
        published: The same, as it was published.
        tolerance: Half the width of the band around it.
    """
    if estimate.low is None or estimate.high is None:
        return Verdict("undecided", estimate.no_interval)
    left_out = (
        f"; {estimate.diverged} of {estimate.n + estimate.diverged} seeds diverged, left out"
        if estimate.diverged
        else ""
    )
    slack = _ROUNDING * max(abs(published), tolerance)
    low, high = published - tolerance - slack, published + tolerance + slack
    if low <= estimate.low and estimate.high <= high:
        return Verdict("holds", f"the whole interval is within the tolerance{left_out}")
    if estimate.low > high:
        return Verdict("contradicted", f"the whole interval is above it{left_out}")
    if estimate.high < low:
        return Verdict("contradicted", f"the whole interval is below it{left_out}")
    where = "reaches beyond the tolerance" if tolerance else "contains it"
    return Verdict("undecided", f"the interval {where}{left_out}")


@dataclass(frozen=True)
class Step:
    """One "this before that" of a claimed order.

    Attributes:
        first: The level said to be better.
        second: The level said to be worse.
        difference: First minus second.
        agreeing: At how many seeds the first is better; a diverged one is worse than any other.
        seeds: How many seeds both have.
        p: One-sided; small where the first is better. None where it can't be told.
        p_against: One-sided; small where the second is. Adjusted for all steps.
    """

    first: Hashable
    second: Hashable
    difference: Paired
    agreeing: int
    seeds: int
    p: float | None
    p_against: float | None


@dataclass(frozen=True)
class Order:
    """A claimed order, judged.

    Attributes:
        verdict: The judgement on all of it.
        steps: One for each pair that the claim puts in an order.
        ranks: Each level's rank, from 1 for the best, averaged over the seeds that all of them
            have; ties share theirs, diverged ones are last. Empty without such seeds.
    """

    verdict: Verdict
    steps: tuple[Step, ...]
    ranks: Mapping[Hashable, float]


def judge_order(
    measurements: Mapping[Hashable, Measured],
    claimed: Sequence[Hashable],
    direction: Direction,
    *,
    alpha: float = 0.05,
) -> Order:
    """Whether "a before b before c" holds.

    It *holds* where each step does at alpha: a claim of several parts, all of which have to be
    shown, needs no correction (intersection-union: Berger 1982, https://doi.org/10.2307/1267823).
    It is *contradicted* where any step is reversed, at alpha adjusted by Holm, since one is enough.
    Steps are judged by paired one-sided t-tests; by ranks alone (the sign test) where a level
    diverged, which counts as worse than any result. Ranks alone everywhere would need six seeds to
    contradict an order of four levels.

    Args:
        measurements: Level → seed → value.
        claimed: The levels, the one said to be best first.
        direction: Whether the best is the largest.
        alpha: The greatest probability of "holds" where a step is false, and of "contradicted"
            where all are true.
    """
    return _judge(measurements, tuple(pairwise(claimed)), direction, alpha)


def judge_first(
    measurements: Mapping[Hashable, Measured],
    first: Hashable,
    direction: Direction,
    *,
    alpha: float = 0.05,
) -> Order:
    """Whether "this one is the best of all" holds; see `judge_order`."""
    steps = tuple((first, other) for other in measurements if other != first)
    return _judge(measurements, steps, direction, alpha)


def _judge(
    measurements: Mapping[Hashable, Measured],
    couples: Sequence[tuple[Hashable, Hashable]],
    direction: Direction,
    alpha: float,
) -> Order:
    steps = [
        _step(measurements.get(first, {}), measurements.get(second, {}), first, second, direction)
        for first, second in couples
    ]
    against = holm([1.0 if step.p_against is None else step.p_against for step in steps])
    steps = [
        step if step.p_against is None else replace(step, p_against=p)
        for step, p in zip(steps, against, strict=True)
    ]
    levels = dict.fromkeys(level for couple in couples for level in couple)
    ranks = _ranks([(level, measurements.get(level, {})) for level in levels], direction)
    return Order(_order_verdict(steps, alpha), tuple(steps), ranks)


def _step(
    one: Measured, two: Measured, first: Hashable, second: Hashable, direction: Direction
) -> Step:
    common = [seed for seed in one if seed in two]
    signs = [_worth(one[seed], direction) - _worth(two[seed], direction) for seed in common]
    wins, losses = sum(sign > 0 for sign in signs), sum(sign < 0 for sign in signs)
    found = differences(one, two)
    if found.diverged:
        p, against = _sign_test(wins, losses), _sign_test(losses, wins)
    elif direction == "maximize":
        p, against = found.above, found.below
    else:
        p, against = found.below, found.above
    told = found.told(CONFIDENCE)
    return Step(first, second, told, wins, len(common), p, against)


def _worth(value: float, direction: Direction) -> float:
    # The largest float rather than infinity: two diverged ones are a tie, not a NaN.
    if not math.isfinite(value):
        return -sys.float_info.max
    return value if direction == "maximize" else -value


def _sign_test(wins: int, losses: int) -> float | None:
    n = wins + losses
    return sum(math.comb(n, k) for k in range(wins, n + 1)) / 2**n if n else None


def _ranks(
    measured: Sequence[tuple[Hashable, Measured]], direction: Direction
) -> dict[Hashable, float]:
    if not measured:
        return {}
    seeds = [seed for seed in measured[0][1] if all(seed in values for _, values in measured)]
    sums = dict.fromkeys((level for level, _ in measured), 0.0)
    for seed in seeds:
        worths = {level: _worth(values[seed], direction) for level, values in measured}
        for level, worth in worths.items():
            better = sum(other > worth for other in worths.values())
            ties = sum(other == worth for other in worths.values())
            sums[level] += better + (ties + 1) / 2
    return {level: total / len(seeds) for level, total in sums.items()} if seeds else {}


def _order_verdict(steps: Sequence[Step], alpha: float) -> Verdict:
    if not steps:
        return Verdict("undecided", "nothing to put in an order")
    reversed_ = [step for step in steps if step.p_against is not None and step.p_against <= alpha]
    if reversed_:
        worst = min(reversed_, key=lambda step: step.p_against or 0.0)
        return Verdict("contradicted", f"{worst.second} comes before {worst.first}")
    open_ = [step for step in steps if step.p is None or step.p > alpha]
    if not open_:
        return Verdict("holds", "each step can be told")
    unknown = [step for step in open_ if step.p is None]
    if unknown:
        step = unknown[0]
        return Verdict("undecided", f"too few seeds of {step.first} and {step.second}")
    step = max(open_, key=lambda step: step.p or 0.0)
    return Verdict("undecided", f"{step.first} and {step.second} can't be told apart")
