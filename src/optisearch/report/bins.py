"""The levels of a factor as they were visited: values sorted into few, named groups."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from optisearch.reading import FactorInfo
from optisearch.report import format as fmt

_BINS = 4
# A range with no more values than this is shown value by value.
_FEW = 8


@dataclass(frozen=True)
class Level:
    """A value or a range of values, and the positions of those that fall into it."""

    label: str
    members: tuple[int, ...]


def levels(factor: FactorInfo, values: Sequence[Any]) -> list[Level]:
    """Sort values into levels. Each value falls into exactly one; a level may be empty.

    A choice has its options as levels; a range with few values has each of them; any other range
    is cut into four, evenly or (`log`) evenly in the logarithm, or halfway between the declared
    levels.

    Args:
        factor: What the values are values of.
        values: One for each trial.
    """
    numeric = [value for value in values if _is_number(value)]
    if factor.kind == "choice" or len(numeric) < len(values):
        return _by_value(factor.options, values)
    few = _few_values(factor, numeric)
    if few is not None:
        return _by_value(few, values)
    if not values and (factor.low is None or factor.high is None):
        return []
    bounds = [bound for bound in (factor.low, factor.high) if bound is not None]
    low, high = min([*bounds, *numeric]), max([*bounds, *numeric])
    if low == high:
        return _by_value((low,), values)
    cuts = _cuts(factor, low, high)
    groups: list[list[int]] = [[] for _ in range(len(cuts) + 1)]
    for position, value in enumerate(values):
        groups[bisect_right(cuts, value)].append(position)
    edges = [low, *cuts, high]
    return [
        Level(_label(factor, lower, upper, last=upper is edges[-1]), tuple(group))
        for (lower, upper), group in zip(pairwise(edges), groups, strict=True)
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _by_value(declared: Sequence[Any], values: Sequence[Any]) -> list[Level]:
    # By repr: an optuna.Study that isn't ours may have options that can't be hashed.
    groups: dict[str, tuple[Any, list[int]]] = {repr(value): (value, []) for value in declared}
    for position, value in enumerate(values):
        groups.setdefault(repr(value), (value, []))[1].append(position)
    return [Level(fmt.setting(value), tuple(members)) for value, members in groups.values()]


def _few_values(factor: FactorInfo, values: Sequence[float]) -> list[float] | None:
    """All values of a short integer range, or the visited ones if each is a declared level."""
    if values and set(values) <= set(factor.levels):
        return sorted(factor.levels)
    if factor.kind != "integer" or factor.low is None or factor.high is None:
        return None
    low, high, step = int(factor.low), int(factor.high), int(factor.step or 1)
    if (high - low) // step >= _FEW:
        return None
    return sorted({*range(low, high + 1, step), *values})


def _cuts(factor: FactorInfo, low: float, high: float) -> list[float]:
    """Where one level ends and the next begins; each in (low, high], in ascending order."""
    log = factor.log and low > 0
    scale, unscale = (math.log, math.exp) if log else (float, float)
    centres = sorted({float(level) for level in factor.levels if _is_number(level)})
    if len(centres) > 1 and (not log or centres[0] > 0):
        scaled = [(scale(a) + scale(b)) / 2 for a, b in pairwise(centres)]
    else:
        width = (scale(high) - scale(low)) / _BINS
        scaled = [scale(low) + width * step for step in range(1, _BINS)]
    # Rounded, so that the value 0.001 isn't below a cut at exp(log(0.001)) > 0.001.
    cuts = [float(f"{unscale(cut):.12g}") for cut in scaled]
    if factor.kind == "integer":
        cuts = [math.ceil(cut) for cut in cuts]
    return sorted({cut for cut in cuts if low < cut <= high})


def _label(factor: FactorInfo, lower: float, upper: float, *, last: bool) -> str:
    if factor.kind == "integer":
        first, final = int(lower), int(upper) if last else int(upper) - 1
        return f"{first}" if first == final else f"{first} … {final}"
    return f"{fmt.setting(float(lower))} … {fmt.setting(float(upper))}"
