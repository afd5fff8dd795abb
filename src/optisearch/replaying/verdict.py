"""Whether two trainings of a trial have the same numbers: pure functions over their epochs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Rows = Sequence[Mapping[str, Any]]

_NO_METRIC = frozenset({"epoch", "seconds"})


@dataclass(frozen=True)
class Verdict:
    """What a comparison of two trainings says, epoch by epoch.

    Attributes:
        epochs: How many epochs were recorded.
        trained: How many were trained now.
        recorded: The monitored metric at the last recorded epoch at which it was measured.
        replayed: The same of the training now.
        first: The first epoch, counted from 1, at which the monitored metric differs.
        others: Other metrics that differ → the first epoch at which they do.
        diverged: Whether both ended because a number wasn't finite any more, at the same epoch.
    """

    epochs: int
    trained: int
    recorded: float | None = None
    replayed: float | None = None
    first: int | None = None
    others: Mapping[str, int] | None = None
    diverged: bool = False

    @property
    def is_same(self) -> bool:
        """Whether the monitored metric is the same to the last digit in each epoch."""
        return self.first is None and self.epochs == self.trained

    @property
    def ends_alike(self) -> bool:
        """Whether the monitored metric is the same at the end, after as many epochs."""
        return self.epochs == self.trained and self.recorded == self.replayed

    @property
    def gap(self) -> float | None:
        """By how much the metric differs at the last epoch; None where nothing can be said."""
        if self.recorded is None or self.replayed is None:
            return None
        gap = abs(self.replayed - self.recorded)
        return gap if math.isfinite(gap) else None


def compare(recorded: Rows, replayed: Rows, metric: str) -> Verdict:
    """Compare two histories of the same trial.

    Args:
        recorded: One row for each epoch, as stored: what isn't finite is a word.
        replayed: The same.
        metric: The monitored metric's name.
    """
    diverged = (
        len(recorded) == len(replayed)
        and bool(recorded)
        and _is_broken(recorded[-1])
        and _is_broken(replayed[-1])
    )
    # Where in its last epoch a trial was seen to diverge depends on the time that its steps took.
    until = len(recorded) - 1 if diverged else len(recorded)
    pairs = list(zip(recorded[:until], replayed[:until], strict=False))
    names = dict.fromkeys(name for pair in pairs for row in pair for name in row)
    apart = {
        name: first
        for name in names
        if name not in _NO_METRIC and (first := _first_difference(pairs, name)) is not None
    }
    last = next((n for n in reversed(range(len(pairs))) if metric in pairs[n][0]), None)
    return Verdict(
        epochs=len(recorded),
        trained=len(replayed),
        recorded=None if last is None else _number(pairs[last][0].get(metric)),
        replayed=None if last is None else _number(pairs[last][1].get(metric)),
        first=apart.pop(metric, None),
        others=apart,
        diverged=diverged,
    )


def _first_difference(pairs: Sequence[tuple[Any, Any]], name: str) -> int | None:
    for before, after in pairs:
        if before.get(name) != after.get(name):
            return int(before["epoch"]) + 1
    return None


def _is_broken(row: Mapping[str, Any]) -> bool:
    return any(isinstance(value, str) for value in row.values())


def _number(stored: Any) -> float | None:
    return None if stored is None else float(stored)
