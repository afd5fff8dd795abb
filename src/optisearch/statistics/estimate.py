"""A mean over repetitions, and how far it can be trusted."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

CONFIDENCE = 0.95

# Metrics are 32-bit floats, whose rounding is some 1e-7 of their size: what agrees to this part of
# its size has no spread that could be measured.
_RESOLUTION = 1e-6


@dataclass(frozen=True)
class Estimate:
    """A mean over repetitions with its interval.

    Attributes:
        n: How many repetitions are in the mean.
        mean: None without any.
        sd: The standard deviation of single repetitions (n - 1 in its denominator); None for n < 2.
        low: The lower end of the interval, None without one: `no_interval` says why.
        high: Its upper end.
        diverged: How many repetitions weren't finite; they are in no other number here.
    """

    n: int
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    diverged: int = 0

    @property
    def no_interval(self) -> str:
        """Why there is no interval, in a few words; empty where there is one."""
        if self.low is not None:
            return ""
        if self.n == 0:
            return "every seed diverged" if self.diverged else "no seed yet"
        return "one seed only" if self.n == 1 else f"{self.n} seeds without any spread"


def estimate(values: Iterable[float], *, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of repetitions with its Student-t interval.

    mean ± t(n - 1) · sd / √n: Student 1908, https://doi.org/10.1093/biomet/6.1.1. One repetition
    has no interval, nor have two that are equal: they may be so by chance, most of all where a
    metric has few possible values.

    Args:
        values: One for each seed. Those that aren't finite are counted as diverged and left out.
        confidence: How often the interval contains the truth.
    """
    values = list(values)
    finite = [value for value in values if math.isfinite(value)]
    sample = Sample.of(finite, size=size_of(finite), unlikely=same_by_chance(len(finite)))
    return sample.estimate(confidence, diverged=len(values) - len(finite))


@dataclass(frozen=True)
class Sample:
    """Numbers reduced to what a t-test needs.

    Attributes:
        n: How many.
        mean: Their mean, NaN without any.
        sd: Their standard deviation, NaN for n < 2.
        chance: None where they have a spread. Where they have none, a t-test would be certain after
            two of them; this is the greatest probability of their agreeing so by chance, as the
            two-sided p-value to use instead.
    """

    n: int
    mean: float
    sd: float
    chance: float | None

    @classmethod
    def of(cls, values: Sequence[float], *, size: float, unlikely: float) -> "Sample":
        """Numbers that count as equal where they agree to a millionth of `size`."""
        n = len(values)
        mean = _mean(values) if n else math.nan
        sd = math.nan
        if n > 1:
            sd = math.hypot(*(value - mean for value in values)) / math.sqrt(n - 1)
        # Not `sd <= …`: an infinite sd, of numbers near the largest float, is a spread.
        return cls(n, mean, sd, unlikely if n > 1 and sd <= _RESOLUTION * size else None)

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """The interval of the mean, None where nothing is known of the spread."""
        if self.n < 2 or (self.chance is not None and self.chance > 1 - confidence):
            return None
        half = t_quantile(self.n - 1, confidence) * self.sd / math.sqrt(self.n)
        return self.mean - half, self.mean + half

    def above_zero(self, *, size: float = 0.0) -> float | None:
        """The p-value of "the true mean isn't above 0", None where nothing is known."""
        if self.n < 2:
            return None
        if self.chance is not None:
            return self.chance / 2 if self.mean > _RESOLUTION * size else 1.0
        t = self.mean / (self.sd / math.sqrt(self.n))
        return t_below(self.n - 1, -t) if math.isfinite(t) else 1.0

    def below_zero(self, *, size: float = 0.0) -> float | None:
        """The p-value of "the true mean isn't below 0", None where nothing is known."""
        return Sample(self.n, -self.mean, self.sd, self.chance).above_zero(size=size)

    def estimate(self, confidence: float, *, diverged: int) -> Estimate:
        """The same for people."""
        low, high = self.interval(confidence) or (None, None)
        return Estimate(
            n=self.n,
            mean=self.mean if self.n else None,
            sd=self.sd if self.n > 1 else None,
            low=low,
            high=high,
            diverged=diverged,
        )


def t_below(df: int, t: float) -> float:
    """The probability that Student's t is below `t`."""
    from scipy.special import stdtr

    return float(stdtr(df, t))


@lru_cache(maxsize=1024)
def t_quantile(df: int, confidence: float) -> float:
    """Student's t is between plus and minus this with probability `confidence`."""
    from scipy.special import stdtrit

    return -float(stdtrit(df, (1 - confidence) / 2))


def size_of(values: Sequence[float]) -> float:
    return max(map(abs, values), default=0.0)


def same_by_chance(n: int) -> float:
    # A coin that shows one side in all n throws, and another that shows the other side in all of
    # its n: at most 2 · 4⁻ⁿ, whatever the coin. From n = 3 on it is below 5 %.
    return 2 * 0.25**n


def _mean(values: Sequence[float]) -> float:
    try:
        return math.fsum(values) / len(values)
    except OverflowError:
        return math.fsum(value / len(values) for value in values)
