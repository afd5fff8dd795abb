"""How a role looks, in every figure the same."""

from typing import Any

from optisearch.report.figure import Role
from optisearch.report.render.html.palette import SERIES, light

_COLOURS: dict[Role, str] = {
    "best": "accent",
    "baseline": "baseline",
    "context": "context",
    "pruned": "pruned",
    "diverged": "diverged",
}
_SYMBOLS: dict[Role, str] = {
    "plain": "circle",
    "best": "star",
    "baseline": "diamond",
    "context": "circle",
    "pruned": "circle-open",
    "diverged": "x-thin-open",
}
_SIZES: dict[Role, float] = {"best": 14, "baseline": 10, "plain": 7, "diverged": 8}
_WIDTHS: dict[Role, float] = {"best": 2.6, "baseline": 2.2, "context": 1.4}
_DASHES = ("solid", "dash", "dashdot")


def colour_name(role: Role, index: int = 0) -> str:
    """The palette's name of a role's colour; equals take turns."""
    return _COLOURS.get(role) or SERIES[index % len(SERIES)]


def point_colour_name(role: Role, index: int = 0) -> str:
    """The same for points, the first group of which is all the trials that are nothing special."""
    return "scale-4" if role == "plain" and index == 0 else colour_name(role, index)


def line(
    role: Role, index: int = 0, *, dashed: bool = False, steps: bool = False
) -> dict[str, Any]:
    """A line. After a round of colours, equals are dashed."""
    turn = index // len(SERIES) if role == "plain" else 0
    dash = "dash" if dashed else _DASHES[turn % len(_DASHES)]
    return {
        "color": light(colour_name(role, index)),
        "width": _WIDTHS.get(role, 1.8),
        "dash": "dot" if role == "baseline" else dash,
        "shape": "hv" if steps else "linear",
    }


def marker(role: Role, index: int = 0) -> dict[str, Any]:
    """A point."""
    colour = light(point_colour_name(role, index))
    return {
        "color": colour,
        "symbol": _SYMBOLS[role],
        "size": _SIZES.get(role, 6),
        "opacity": 0.75 if role == "plain" else 1,
        "line": {"color": colour, "width": 1.4},
    }
