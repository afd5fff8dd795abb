"""The report's colours, by what they stand for, once for light and once for dark paper.

The series are Okabe and Ito's (https://jfly.uni-koeln.de/color/), told apart by the colour-blind
too, a little darker or lighter for contrast with the paper.
"""

from typing import NamedTuple


class Colour(NamedTuple):
    """A colour on light and on dark paper, as `#rrggbb`.

    The light ones differ from each other: in the document's figures they stand for both.
    """

    light: str
    dark: str


COLOURS = {
    "paper": Colour("#fdfdfc", "#15181c"),
    "panel": Colour("#f3f4f1", "#1e2227"),
    "ink": Colour("#1d2125", "#e4e6e8"),
    "muted": Colour("#5c646c", "#9aa3ab"),
    "rule": Colour("#dcdfdd", "#343a41"),
    "grid": Colour("#e8eae8", "#2a2f35"),
    "accent": Colour("#0b6a8f", "#6cc0e6"),
    "baseline": Colour("#3a4046", "#d0d5d9"),
    "pruned": Colour("#a7aeb4", "#6a727a"),
    "diverged": Colour("#b3380a", "#f08a5d"),
    "context": Colour("#8d959c", "#848d96"),
    # From the worst to the best of many.
    "scale-1": Colour("#d3dade", "#333b43"),
    "scale-2": Colour("#b0c6d1", "#3c5361"),
    "scale-3": Colour("#84adc0", "#457085"),
    "scale-4": Colour("#5593ad", "#4f90ad"),
    "scale-5": Colour("#2a7a9b", "#5eaed1"),
    # Far from the accent at first: that is the best's.
    "series-1": Colour("#b8660a", "#f0a93c"),
    "series-2": Colour("#00805c", "#35c49a"),
    "series-3": Colour("#a8487f", "#e08abb"),
    "series-4": Colour("#6a5acd", "#a99df2"),
    "series-5": Colour("#8a7400", "#d8c94a"),
    "series-6": Colour("#0072b1", "#5ab0e8"),
}
SERIES = tuple(name for name in COLOURS if name.startswith("series-"))
SCALE = tuple(name for name in COLOURS if name.startswith("scale-"))
# How much of its paper a band hides.
_BAND = 0.16


def light(name: str) -> str:
    """A colour as figures hold it: that on light paper."""
    return COLOURS[name].light


def band(name: str) -> str:
    """The same, for the band around a curve."""
    return _veiled(COLOURS[name].light)


def translation() -> dict[str, str]:
    """For each colour that a figure may hold, the one that takes its place on dark paper."""
    colours = {colour.light: colour.dark for colour in COLOURS.values()}
    veiled = {_veiled(colour.light): _veiled(colour.dark) for colour in COLOURS.values()}
    return colours | veiled


def _veiled(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{_BAND})"
