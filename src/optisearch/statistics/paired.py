"""Two levels compared seed by seed: what a seed does to both falls out of the difference."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optisearch.statistics.estimate import CONFIDENCE, Estimate, Sample, same_by_chance, size_of

Measured = Mapping[Any, float]


@dataclass(frozen=True)
class Paired:
    """How one level differs from another over the seeds that both have.

    Attributes:
        estimate: The mean difference (or ratio). Its `n` counts the seeds in common at which
            neither diverged, its `diverged` those at which either did.
        p: Two-sided p-value of "no difference", None for fewer than two seeds.
        unmatched: How many seeds only one of the two has.
    """

    estimate: Estimate
    p: float | None
    unmatched: int


@dataclass(frozen=True)
class Differences:
    """The paired differences reduced to what the tests need, before they are told."""

    sample: Sample
    size: float
    diverged: int
    unmatched: int

    @property
    def above(self) -> float | None:
        """One-sided p-value: small where the difference is positive."""
        return self.sample.above_zero(size=self.size)

    @property
    def below(self) -> float | None:
        """One-sided p-value: small where the difference is negative."""
        return self.sample.below_zero(size=self.size)

    @property
    def p(self) -> float | None:
        """Two-sided p-value."""
        above, below = self.above, self.below
        return None if above is None or below is None else min(1.0, 2 * min(above, below))

    def told(self, confidence: float) -> Paired:
        estimate = self.sample.estimate(confidence, diverged=self.diverged)
        return Paired(estimate, self.p, self.unmatched)


def paired_difference(
    values_by_seed: Measured, baseline_by_seed: Measured, *, confidence: float = CONFIDENCE
) -> Paired:
    """The differences to a baseline, value minus baseline, seed by seed: Student's paired t-test.

    Student 1908, https://doi.org/10.1093/biomet/6.1.1; for learning algorithms over seeds see
    Bouthillier et al. 2021, https://arxiv.org/abs/2103.03098, who pair as many sources of variation
    as can be.

    Differences that are all the same (two levels that don't depend on the seed, or a metric with
    few possible values) have no spread, and the t-test would be certain of them after two seeds.
    Their p-value is the greatest probability of such agreement by chance instead: 2 · 4⁻ⁿ where
    neither level varies at all, and the sign test's 2 · 2⁻ⁿ where both vary alike.

    Args:
        values_by_seed: Seed → value. What isn't finite diverged.
        baseline_by_seed: The same for the baseline.
        confidence: Of the interval.
    """
    return differences(values_by_seed, baseline_by_seed).told(confidence)


def paired_ratio(
    values_by_seed: Measured, first_by_seed: Measured, *, confidence: float = CONFIDENCE
) -> Paired:
    """The ratios to a first row, seed by seed; how times are compared.

    The mean is the geometric one, its interval Student's t over the logarithms carried back, so
    that a ratio and its inverse tell the same: Fleming & Wallace 1986,
    https://doi.org/10.1145/5666.5673. The `sd` is the standard deviation of the logarithms: 0.1
    means that single ratios vary by some 10 %. What isn't a positive, finite number counts as
    diverged.
    """
    found = differences(_logarithms(values_by_seed), _logarithms(first_by_seed), size=1.0)
    told = found.told(confidence)
    logs = told.estimate
    ratios = Estimate(
        n=logs.n,
        mean=_exp(logs.mean),
        sd=logs.sd,
        low=_exp(logs.low),
        high=_exp(logs.high),
        diverged=logs.diverged,
    )
    return Paired(ratios, told.p, told.unmatched)


def differences(
    values_by_seed: Measured, baseline_by_seed: Measured, *, size: float | None = None
) -> Differences:
    """Value minus baseline at each seed that both have.

    Args:
        values_by_seed: Seed → value.
        baseline_by_seed: Seed → value.
        size: What a millionth of is too little to be seen; by default the greatest value.
    """
    common = [seed for seed in values_by_seed if seed in baseline_by_seed]
    pairs = [
        (value, other)
        for value, other in ((values_by_seed[seed], baseline_by_seed[seed]) for seed in common)
        if math.isfinite(value) and math.isfinite(other) and math.isfinite(value - other)
    ]
    values, others = [value for value, _ in pairs], [other for _, other in pairs]
    if size is None:
        size = size_of(values + others)
    n = len(pairs)
    unlikely = same_by_chance(n) if _alike(values) and _alike(others) else 2 * 0.5**n
    sample = Sample.of([value - other for value, other in pairs], size=size, unlikely=unlikely)
    unmatched = len(values_by_seed) + len(baseline_by_seed) - 2 * len(common)
    return Differences(sample, size, diverged=len(common) - n, unmatched=unmatched)


def _alike(values: list[float]) -> bool:
    return Sample.of(values, size=size_of(values), unlikely=0.0).chance is not None


def _logarithms(measured: Measured) -> dict[Any, float]:
    return {
        seed: math.log(value) if math.isfinite(value) and value > 0 else math.nan
        for seed, value in measured.items()
    }


def _exp(value: float | None) -> float | None:
    if value is None:
        return None
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf
