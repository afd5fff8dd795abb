"""The levels of one factor against each other: which can be told apart, and at what cost."""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from optisearch.statistics.estimate import Estimate, estimate
from optisearch.statistics.evidence import MOST_SEEDS, holm, seeds_for_power
from optisearch.statistics.paired import Differences, Measured, Paired, differences

Direction = Literal["maximize", "minimize"]


@dataclass(frozen=True)
class Pair:
    """Two levels of one table.

    Attributes:
        level: The one.
        other: The baseline where there is one.
        difference: Level minus other, with an interval of its own and an unadjusted p-value.
        joint: An interval wide enough that all of the table's contain their truths at once.
        adjusted: The p-value adjusted for all pairs of the table; None for fewer than two seeds.
        apart: Whether the table may claim that they differ.
        more_seeds: How many seeds more would tell them apart with a probability of 80 %, were the
            true difference the observed one; infinity for more than 100 in all. None where they are
            told apart, or where nothing is known of the spread yet.
    """

    level: Hashable
    other: Hashable
    difference: Paired
    joint: tuple[float, float] | None
    adjusted: float | None
    apart: bool
    more_seeds: float | None


@dataclass(frozen=True)
class Comparisons:
    """What one table says about its levels.

    Attributes:
        baseline: The level that the others are compared to, None where all are with all.
        levels: Each level's own estimate, in the order of the table.
        pairs: Each pair that was tested.
        alpha: The greatest probability that the table claims a difference that isn't there.
    """

    baseline: Hashable | None
    levels: Mapping[Hashable, Estimate]
    pairs: tuple[Pair, ...]
    alpha: float

    @property
    def apart(self) -> tuple[Pair, ...]:
        """The tested pairs that can be told apart."""
        return tuple(pair for pair in self.pairs if pair.apart)

    @property
    def alike(self) -> tuple[Pair, ...]:
        """The tested pairs that can't. That doesn't make them equal."""
        return tuple(pair for pair in self.pairs if not pair.apart)

    @property
    def ascending(self) -> frozenset[tuple[Hashable, Hashable]]:
        """Every (smaller, larger) that may be claimed.

        Against a baseline: also levels on two sides of it, for if both claims are true, so is this
        one, and no error is added.
        """
        claimed = {
            (pair.level, pair.other) if mean < 0 else (pair.other, pair.level)
            for pair in self.apart
            if (mean := pair.difference.estimate.mean) is not None
        }
        if self.baseline is not None:
            below = [small for small, large in claimed if large == self.baseline]
            above = [large for small, large in claimed if small == self.baseline]
            claimed |= {(small, large) for small in below for large in above}
        return frozenset(claimed)

    def unbeaten(self, direction: Direction) -> tuple[Hashable, ...]:
        """The levels that none can be told to be better than: the best is among them.

        With confidence 1 - alpha, as in Hsu's comparisons with the best (1984,
        https://doi.org/10.1214/aos/1176346732). Only where a single level is left may it be called
        the best. A level with no result, or none but diverged ones, isn't among them.
        """
        beaten = {pair[0 if direction == "maximize" else 1] for pair in self.ascending}
        return tuple(
            level for level, found in self.levels.items() if found.n and level not in beaten
        )


def compare_levels(
    measurements: Mapping[Hashable, Measured],
    baseline: Hashable | None = None,
    *,
    alpha: float = 0.05,
) -> Comparisons:
    """Tell the levels of a table apart, as far as the seeds allow.

    Paired t-tests over the seeds in common, Holm's adjustment over all of them: as Demšar 2006
    (https://jmlr.org/papers/v7/demsar06a.html) compares classifiers to a control, and García &
    Herrera 2008 (https://jmlr.org/papers/v9/garcia08a.html) all with all, by ranks over data sets
    where there are many. A difference that isn't
    there is claimed by at most one table in twenty. There is no pooled variance (no Dunnett, no
    Tukey): levels of a learning rate differ in their spread by orders of magnitude.

    A pair's `joint` intervals are Dunn's (1961, https://doi.org/10.1080/01621459.1961.10482090),
    each at alpha over the number of pairs. Holm's method may tell apart what such an interval
    doesn't; never the other way round.

    Untested pairs count among those that are adjusted for: the first rows of a table that is still
    being measured are judged as they will be in the end.

    Args:
        measurements: Level → seed → value. What isn't finite diverged.
        baseline: The level to compare with: one test for each other level. None compares all with
            all, which needs larger differences: it tests many more.
        alpha: The greatest probability of claiming any difference where there is none.
    """
    if baseline is None:
        couples = list(combinations(measurements, 2))
    else:
        couples = [(level, baseline) for level in measurements if level != baseline]
    found = [
        differences(measurements[level], measurements.get(other, {})) for level, other in couples
    ]
    tested = [difference.p for difference in found]
    adjusted = holm([1.0 if p is None else p for p in tested])
    # Holm's next step: the level that a pair has to reach which isn't told apart yet.
    step = alpha / max(1, sum(p > alpha for p in adjusted))
    pairs = []
    for (level, other), difference, p, all_p in zip(couples, found, tested, adjusted, strict=True):
        apart = p is not None and all_p <= alpha
        pairs.append(
            Pair(
                level=level,
                other=other,
                difference=difference.told(1 - alpha),
                joint=difference.sample.interval(1 - alpha / len(couples)),
                adjusted=None if p is None else all_p,
                apart=apart,
                more_seeds=None if apart else _more_seeds(difference, step),
            )
        )
    levels = {
        level: estimate(values.values(), confidence=1 - alpha)
        for level, values in measurements.items()
    }
    return Comparisons(baseline, levels, tuple(pairs), alpha)


def _more_seeds(difference: Differences, alpha: float) -> float | None:
    sample = difference.sample
    if sample.n < 2:
        return None
    if sample.chance is None:
        effect = sample.mean / sample.sd if math.isfinite(sample.sd) else 0.0
        needed = seeds_for_power(effect, alpha=alpha, at_least=sample.n + 1)
        return math.inf if needed is None else needed - sample.n
    if difference.p == 1.0:  # no difference at all
        return math.inf
    # Without a spread nothing but the number of agreeing seeds counts.
    shrinking = sample.chance / 2  # rⁿ, with r = 1/4 or 1/2
    ratio = shrinking ** (1 / sample.n)
    total = max(sample.n + 1, math.ceil(round(math.log(alpha / 2) / math.log(ratio), 9)))
    return total - sample.n if total <= MOST_SEEDS else math.inf
