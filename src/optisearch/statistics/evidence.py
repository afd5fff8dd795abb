"""Many tests at once, and how many repetitions one of them would need."""

import math
from collections.abc import Sequence

from optisearch.statistics.estimate import t_quantile

POWER = 0.8
MOST_SEEDS = 100


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the given order.

    Claiming what is at most α claims any false difference with probability at most α, however many
    are tested and however they depend on each other: Holm 1979, https://www.jstor.org/stable/4615733;
    adjusted values: Wright 1992, https://doi.org/10.2307/2532694.
    """
    adjusted, running = [0.0] * len(p_values), 0.0
    for rank, position in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[position]))
        adjusted[position] = running
    return adjusted


def seeds_for_power(
    effect: float,
    *,
    alpha: float,
    power: float = POWER,
    at_least: int = 2,
    at_most: int = MOST_SEEDS,
) -> int | None:
    """How many seeds a two-sided paired t-test needs to find a difference with this probability.

    By the noncentral t distribution: Cohen 1988, Statistical Power Analysis, chapter 2. A plan, not
    evidence: an observed difference is as uncertain as its interval is wide, and so is this number
    (Hoenig & Heisey 2001, https://doi.org/10.1198/000313001300339897).

    Args:
        effect: The difference in standard deviations of the paired differences.
        alpha: The level that the p-value has to reach.
        power: How often it shall.
        at_least: No fewer seeds are tried.
        at_most: No more seeds are tried: None if they don't suffice.
    """
    if effect == 0 or at_least > at_most or _power(effect, at_most, alpha) < power:
        return None
    low, high = at_least, at_most
    while low < high:  # the power grows with the seeds
        middle = (low + high) // 2
        if _power(effect, middle, alpha) < power:
            low = middle + 1
        else:
            high = middle
    return low


def _power(effect: float, n: int, alpha: float) -> float:
    from scipy.special import nctdtr, ndtr

    shift, needed = abs(effect) * math.sqrt(n), t_quantile(n - 1, 1 - alpha)
    missed = float(nctdtr(n - 1, shift, needed))
    if math.isnan(missed):  # too far out for SciPy's series: Johnson & Welch's normal approximation
        spread = math.sqrt(1 + needed**2 / (2 * (n - 1)))
        missed = float(ndtr((needed * (1 - 1 / (4 * (n - 1))) - shift) / spread))
    return 1 - missed
