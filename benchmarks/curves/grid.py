"""A finite grid in a study's space: what is recorded, and which point stands for a proposal."""

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from optisearch import space as spaces
from optisearch.space.stored import FactorInfo, active_point

# The active factors of a point with their values, in the order of their declaration.
Key = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Grid:
    """The points at which each factor has one of its recorded levels.

    Attributes:
        factors: The factors that vary, `levels` being the recorded ones. A choice has no other
            options; a number keeps its whole range.
    """

    factors: tuple[FactorInfo, ...]

    @classmethod
    def of(cls, space: type, levels: Mapping[str, Sequence[Any]]) -> "Grid":
        """The grid over a study's space.

        Args:
            space: The space.
            levels: Factor → its recorded levels. What isn't named is held at its baseline.
        """
        declared = spaces.factors(space)
        return cls(tuple(_recorded(declared[name], tuple(levels[name])) for name in levels))

    @cached_property
    def keys(self) -> dict[Key, int]:
        """The points, each with its number. Levels of switched-off factors make no difference."""
        names = [factor.name for factor in self.factors]
        rows = itertools.product(*(factor.levels for factor in self.factors))
        unique = dict.fromkeys(self._key(dict(zip(names, row, strict=True))) for row in rows)
        return {key: number for number, key in enumerate(unique)}

    @property
    def points(self) -> list[dict[str, Any]]:
        """The points in the order of their numbers: active factor → level."""
        return [dict(key) for key in self.keys]

    def nearest(self, point: Mapping[str, Any]) -> int:
        """The number of the recorded point that stands for a proposed one."""
        return self.keys[self._key({f.name: _nearest(f, point[f.name]) for f in self.factors})]

    @cached_property
    def weights(self) -> np.ndarray:
        """How probable each point is in a random search, shape (points,), adding up to 1."""
        shares = {factor.name: _shares(factor) for factor in self.factors}
        return np.array(
            [math.prod(shares[name][level] for name, level in key) for key in self.keys]
        )

    def _key(self, values: Mapping[str, Any]) -> Key:
        return tuple(active_point(self.factors, values, {}).items())


def _recorded(factor: spaces.Factor, levels: tuple[Any, ...]) -> FactorInfo:
    info = FactorInfo.from_manifest(factor.as_dict())
    options = levels if info.kind == "choice" else ()
    return dataclasses.replace(info, levels=levels, options=options)


def _nearest(factor: FactorInfo, value: Any) -> Any:
    if factor.kind == "choice":
        return value
    return min(
        factor.levels, key=lambda level: abs(_scaled(factor, level) - _scaled(factor, value))
    )


def _shares(factor: FactorInfo) -> dict[Any, float]:
    """Level → the share of the factor's range that is nearest to it."""
    if factor.kind == "choice":
        return dict.fromkeys(factor.levels, 1 / len(factor.levels))
    assert factor.low is not None
    assert factor.high is not None
    low, high = _scaled(factor, factor.low), _scaled(factor, factor.high)
    levels = sorted(factor.levels)
    scaled = [_scaled(factor, level) for level in levels]
    middles = [(a + b) / 2 for a, b in itertools.pairwise(scaled)]
    widths = np.diff(np.clip([low, *middles, high], low, high))
    return dict(zip(levels, widths / (high - low), strict=True))


def _scaled(factor: FactorInfo, value: float) -> float:
    return math.log(value) if factor.log else value
