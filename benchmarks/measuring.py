"""Times of several contenders: taken in turn, told as a median with its spread."""

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """A median, and the least and the greatest of what was measured."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """That of one value or more."""
        found = sorted(values)
        return cls(statistics.median(found), found[0], found[-1])

    def __str__(self) -> str:
        return f"{digits(self.median)} ({digits(self.low)} – {digits(self.high)})"


def ratios(over: Sequence[float], under: Sequence[float]) -> list[float]:
    """Round by round, so that what slows a round down slows both sides of its ratio."""
    return [one / other for one, other in zip(over, under, strict=True)]


def digits(value: float) -> str:
    """Three digits that mean something: 12.3, 1.23, 0.123; whole numbers from 100 on; ∞."""
    if math.isinf(value):
        return "∞"
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{decimals}f}"


def interleaved(
    contenders: Mapping[str, Callable[[], float]], rounds: int
) -> Iterator[tuple[int, str, float]]:
    """Run all contenders in each round, another one first each time.

    Args:
        contenders: What returns its measurement, by name.
        rounds: How often each runs.

    Yields:
        The round, the contender's name, and what it measured.
    """
    names = list(contenders)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            yield number, name, contenders[name]()


def collected(measured: Iterable[tuple[int, str, float]]) -> dict[str, list[float]]:
    """Each contender's measurements in the order of the rounds."""
    by_name: dict[str, list[float]] = {}
    for _, name, value in sorted(measured):
        by_name.setdefault(name, []).append(value)
    return by_name
