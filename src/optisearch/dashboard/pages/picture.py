"""How a search went, on a stamp: the report's figure of it, drawn small."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optisearch.report import Report
from optisearch.report.figure import Curve, Curves, Points, Role

WIDTH, HEIGHT = 320, 108
_MARGIN = 5
# More dots than these hide each other.
_MOST_DOTS = 240
_ROLES: tuple[Role, ...] = ("pruned", "plain", "baseline", "best")


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        summary: What it shows, for those who don't see it.
        line: The best so far, as a path of SVG's.
        dots: The trials, a path for each role.
    """

    summary: str
    line: str
    dots: tuple[tuple[Role, str], ...]


def picture(report: Report) -> Picture | None:
    """That of a search; None where there is no figure of its best so far."""
    figures = [figure for section in report.sections for figure in section.figures]
    for figure in figures:
        if isinstance(figure, Curves) and figure.curves[0].steps:
            return _drawn(figure, figure.curves[0])
    return None


def _drawn(figure: Curves, best: Curve) -> Picture | None:
    # From the back to the front.
    groups = [group for role in _ROLES for group in figure.points if group.role == role]
    pairs = list(_pairs(best, groups))
    low, high = figure.y.span or _extent(best, groups)
    last = max(x for x, _ in pairs)

    def place(x: float, y: float) -> tuple[float, float]:
        across = x / last if last else 0.5
        up = (y - low) / (high - low) if high > low else 0.5
        return (
            round(_MARGIN + across * (WIDTH - 2 * _MARGIN), 1),
            round(HEIGHT - _MARGIN - up * (HEIGHT - 2 * _MARGIN), 1),
        )

    return Picture(
        figure.summary,
        _steps([place(x, min(max(y, low), high)) for x, y in _points(best.x, best.y)]),
        tuple(
            (group.role, _dots([place(x, y) for x, y in _thinned(group) if low <= y <= high]))
            for group in groups
        ),
    )


def _extent(best: Curve, groups: Sequence[Points]) -> tuple[float, float]:
    # Pruned ones are bad by their nature.
    values = [y for _, y in _pairs(best, [group for group in groups if group.role != "pruned"])]
    return min(values), max(values)


def _pairs(best: Curve, groups: Sequence[Points]) -> Iterator[tuple[float, float]]:
    yield from _points(best.x, best.y)
    for group in groups:
        yield from _points(group.x, group.y)


def _points(x: Sequence[float | str], y: Sequence[float | None]) -> Iterator[tuple[float, float]]:
    for across, up in zip(x, y, strict=True):
        if up is not None and not isinstance(across, str):
            yield across, up


def _thinned(group: Points) -> list[tuple[float, float]]:
    points = list(_points(group.x, group.y))
    return points[:: math.ceil(len(points) / _MOST_DOTS) or 1]


def _steps(points: Sequence[tuple[float, float]]) -> str:
    (x, y), *others = points
    return f"M{x:g} {y:g}" + "".join(f"H{right:g}V{up:g}" for right, up in others)


def _dots(points: Sequence[tuple[float, float]]) -> str:
    """Lines without length, whose round ends are what is seen."""
    return "".join(f"M{x:g} {y:g}h0" for x, y in points)
