"""How a level's nuisance factors are tuned: the same quasi-random points for every level.

The Deep Learning Tuning Playbook advises quasi-random search for comparisons: every level sees the
same, evenly spread settings, whatever an adaptive sampler would have preferred
(https://github.com/google-research/tuning_playbook). A choice at the edge of the range says that
the range may not hold the optimum: it is widened there, and searched on.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from optisearch.space.stored import FactorInfo

POINTS = 12
POINTS_PER_FURTHER_FACTOR = 8
POINTS_PER_WIDENING = 4
MOST_WIDENINGS = 3
_LOG_WIDENING = 10.0
_DIGITS = 3


@dataclass(frozen=True)
class Region:
    """Where a numeric factor is searched; a choice has no ends."""

    low: float
    high: float


def budget(factors: int) -> int:
    """The points that each level is tuned with before anything is widened."""
    return POINTS + POINTS_PER_FURTHER_FACTOR * max(0, factors - 1)


def unit_points(factors: int, seed: int) -> list[list[float]]:
    """Evenly spread points of the unit cube, as many as a level can come to need.

    A scrambled Halton sequence: Owen 2017, https://arxiv.org/abs/1706.02808.
    """
    from scipy.stats import qmc  # slow to import: for those who describe a plan, not who read it

    count = budget(factors) + MOST_WIDENINGS * POINTS_PER_WIDENING
    drawn = qmc.Halton(factors, scramble=True, rng=seed).random(count)
    return [[round(float(u), 6) for u in point] for point in drawn]


def value_at(factor: FactorInfo, unit: float, region: Region | None = None) -> Any:
    """The value of a factor at a point of [0, 1), numbers to three digits."""
    if factor.kind == "choice":
        return factor.options[min(int(unit * len(factor.options)), len(factor.options) - 1)]
    low, high = (factor.low, factor.high) if region is None else (region.low, region.high)
    assert low is not None
    assert high is not None
    ends = low, high
    if factor.kind == "integer":  # each is as likely as the others
        low, high = low - 0.5, high + 0.5
    log = factor.log and low > 0
    value = low * (high / low) ** unit if log else low + (high - low) * unit
    if factor.step:
        start = factor.low or 0.0
        value = start + round((value - start) / factor.step) * factor.step
    if factor.kind == "integer":
        return min(max(round(value), math.ceil(ends[0])), math.floor(ends[1]))
    return float(f"{value:.{_DIGITS}g}")


def region(factor: FactorInfo) -> Region | None:
    """Where it is searched first; None for a choice."""
    if factor.low is None or factor.high is None:
        return None
    return Region(float(factor.low), float(factor.high))


def beyond(factor: FactorInfo, within: Region, chosen: Any, tried: Sequence[Any]) -> Region | None:
    """Where to search on: beyond the end at which the chosen value lies.

    Args:
        factor: The tuned factor.
        within: Where it was searched so far.
        chosen: The best value.
        tried: All values that were tried.

    Returns:
        The region to add; None where the choice lies inside, or the factor can't go further (it
        can't leave [0, 1] if its declared range lies in it, nor pass 0, nor 1 as a count).
    """
    if factor.kind == "choice" or min(tried) < chosen < max(tried):
        return None
    up = chosen == max(tried)
    if factor.log and within.low > 0:
        low, high = within.low / _LOG_WIDENING, within.high * _LOG_WIDENING
    else:
        half = (within.high - within.low) / 2
        low, high = within.low - half, within.high + half
    declared_low, declared_high = float(factor.low or 0), float(factor.high or 0)
    if declared_low >= 0:
        low = max(low, 1.0 if factor.kind == "integer" and declared_low >= 1 else 0.0)
    if declared_low >= 0 and declared_high <= 1 and factor.kind == "real" and not factor.log:
        high = min(high, 1.0)
    added = Region(within.high, high) if up else Region(low, within.low)
    if factor.kind == "integer":
        added = Region(math.ceil(added.low), math.floor(added.high))
    return added if added.high > added.low else None
