"""Markdown: tables, goals beside what was measured, sections that replace their older selves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.measuring import Spread, digits


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table whose first column is text and whose others are figures."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


@dataclass(frozen=True)
class Goal:
    """What a ratio is to be, and what it was.

    Attributes:
        what: The ratio, in words.
        wanted: Its bound.
        measured: The ratio in each round; infinite where what was to be reached was not.
        most: Whether the bound is the greatest that will do, not the least.
    """

    what: str
    wanted: float
    measured: Sequence[float]
    most: bool = False

    @property
    def is_met(self) -> bool:
        middle = Spread.of(self.measured).median
        return middle <= self.wanted if self.most else middle >= self.wanted

    def row(self) -> list[str]:
        """For `goals`."""
        sign = "≤" if self.most else "≥"
        met = "met" if self.is_met else "**not met**"
        return [self.what, f"{sign} {digits(self.wanted)}", str(Spread.of(self.measured)), met]


def goals(found: Iterable[Goal]) -> str:
    """A table of goals."""
    return table(["goal", "wanted", "measured", ""], (goal.row() for goal in found))


def marked(name: str, body: str) -> str:
    """A section that `replaced` finds again."""
    return f"<!-- benchmark: {name} -->\n\n{body.strip()}\n\n<!-- end: {name} -->"


def replaced(page: str, name: str, body: str) -> str:
    """The page with this section in place of its older self, or at the end where it has none."""
    section = marked(name, body)
    before, begin, rest = page.partition(f"<!-- benchmark: {name} -->")
    if not begin:
        return f"{page.rstrip()}\n\n{section}\n".lstrip()
    _, end, after = rest.partition(f"<!-- end: {name} -->")
    if not end:
        raise ValueError(f"the section {name!r} of the page has no end")
    return f"{before}{section}{after}"
