"""Axes: where a value lies on the paper, and what is written beside it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from optisearch.report import format as fmt
from optisearch.report.figure import Axis
from optisearch.report.render.html.palette import light

# Of the axis's length, left free at each end.
_MARGIN = 0.05
_FEW_DECADES, _MANY_DECADES = 2.2, 7
# Trials at one level are spread out over this part of the room between two levels.
_SPREAD = 0.5
_GOLDEN = 0.618034
# Longer words at an axis would leave no room for what is drawn.
_LONGEST = 24


def words(text: object) -> str:
    """Text for Plotly, which takes some tags for its own."""
    return escape(fmt.text(text), quote=False)


def _short(level: str) -> str:
    """As much of it as there is room for; whoever points at a trial reads the whole."""
    return level if len(level) <= _LONGEST else f"{level[: _LONGEST - 1]}…"


def number(value: float) -> float:
    """A position, with as many digits as paper can show."""
    return float(f"{value:.7g}")


@dataclass(frozen=True)
class Scale:
    """An axis of numbers or of levels with its two ends.

    Attributes:
        axis: The axis.
        low: Its lower end in Plotly's terms: the decimal logarithm on one that is logarithmic.
        high: Its upper end.
        levels: Its words, those that weren't foreseen last.
    """

    axis: Axis
    low: float
    high: float
    levels: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        axis: Axis,
        values: Iterable[float | str | None],
        *,
        from_zero: bool = False,
        margin: float = _MARGIN,
    ) -> "Scale":
        """An axis that shows these values, or its own span of them."""
        listed = list(values)
        found = [value for value in listed if isinstance(value, str)]
        if axis.levels or found:
            levels = tuple(dict.fromkeys([*axis.levels, *found]))
            return cls(axis, -0.6, len(levels) - 0.4, levels)
        shown: list[float] = [v for v in listed if isinstance(v, int | float)]
        if axis.log:
            shown = [value for value in shown if value > 0]
        if axis.span:
            low, high = min(shown, default=axis.span[0]), max(shown, default=axis.span[1])
            shown = [max(low, axis.span[0]), min(high, axis.span[1])]
        if from_zero:
            shown.append(0.0)
        scaled = [math.log10(value) if axis.log else value for value in shown] or [0.0]
        low, high = min(scaled), max(scaled)
        pad = margin * (high - low) or 0.05 * abs(high) or 0.5
        return cls(axis, low if from_zero and low == 0 else low - pad, high + pad)

    def place(self, value: float | str, rank: int = 0) -> float | None:
        """Where a value lies, at the edge if it lies beyond; None: nowhere on a logarithmic axis.

        Args:
            value: The value.
            rank: Which one it is of its level: equal ones are set apart.
        """
        if self.levels:
            aside = ((rank + 1) * _GOLDEN) % 1 - 0.5
            return number(self.levels.index(str(value)) + _SPREAD * aside)
        at = float(value)
        if self.axis.log:
            if at <= 0:
                return None
            low, high = 10**self.low, 10**self.high
            return number(min(max(at, low), high))
        return number(min(max(at, self.low), self.high))

    def beyond(self, value: float | str) -> int:
        """-1 or 1 for a value below or above the ends, else 0."""
        if self.levels or (self.axis.log and float(value) <= 0):
            return 0
        at = math.log10(float(value)) if self.axis.log else float(value)
        return (at > self.high) - (at < self.low)

    @property
    def worse_end(self) -> float:
        """Where what has no value is marked."""
        end = self.high if self.axis.better == "lower" else self.low
        return number(10**end if self.axis.log else end)

    def share(self, value: float | str, rank: int = 0) -> float | None:
        """Where a value lies between the ends, as 0 … 1."""
        at = self.place(value, rank)
        if at is None:
            return None
        scaled = math.log10(at) if self.axis.log else at
        return number((scaled - self.low) / ((self.high - self.low) or 1.0))

    def told(self, value: float | str | None) -> str:
        """A value as the tables write it, with its axis's name."""
        return f"{words(self.axis.label)} {words(self.written(value))}"

    def written(self, value: float | str | None) -> str:
        """A value as the tables write it."""
        if value is None or isinstance(value, str):
            return value or fmt.MISSING
        whole = self.axis.kind == "count" and float(value).is_integer()
        return fmt.cell(int(value) if whole else value, self.axis.kind)

    def layout(self, *, title: bool = True, grid: bool = True) -> dict[str, Any]:
        """The axis in Plotly's terms."""
        drawn: dict[str, Any] = {
            "type": "log" if self.axis.log and not self.levels else "linear",
            "range": [number(self.low), number(self.high)],
            "showgrid": grid,
            "gridcolor": light("grid"),
            "linecolor": light("rule"),
            "tickcolor": light("rule"),
            "zeroline": False,
            "automargin": True,
            "ticks": "outside",
            "ticklen": 4,
        }
        if title:
            drawn["title"] = {
                "text": words(self.axis.label),
                "standoff": 8,
                "font": {"size": 13},
            }
        return drawn | self._ticks()

    def _ticks(self) -> dict[str, Any]:
        if self.levels:
            texts = [words(_short(level)) for level in self.levels]
            return {"tickvals": list(range(len(texts))), "ticktext": texts}
        if self.axis.log:
            values = self._decades()
            texts = [words(self.written(value)) for value in values]
            return {"tickvals": values, "ticktext": texts}
        if self.axis.kind == "share":
            return {"tickformat": ".0%"}
        if self.axis.kind == "seconds":
            return {"ticksuffix": " s"}
        if self.axis.kind == "count":
            few = self.high - self.low <= 10
            return {"tickformat": ",d"} | ({"dtick": 1, "tick0": 0} if few else {})
        return {"nticks": 6}

    def _decades(self) -> list[float]:
        first, last = math.ceil(self.low - 0.5), math.floor(self.high + 0.5)
        wide = self.high - self.low
        steps = (1, 2, 5) if wide < _FEW_DECADES else (1,)
        every = 2 if wide > _MANY_DECADES else 1
        values = [number(m * 10.0**e) for e in range(first - 1, last + 1, every) for m in steps]
        return [value for value in values if self.low <= math.log10(value) <= self.high]
