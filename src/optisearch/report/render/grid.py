"""Tables as grids of a terminal's columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from rich.box import SIMPLE_HEAD
from rich.table import Table as Grid
from rich.text import Text

from optisearch.report import format as fmt
from optisearch.report.table import Column, Table

_BAR = 24
_GAP = 2
# A column of words may be squeezed to this width, not further.
_NARROWEST_TEXT = 24
_WORDS = frozenset({"text", "setting", "share"})


@dataclass(frozen=True)
class _Lane:
    """A column as text: its heading's lines, its cells, and whether these are numbers."""

    heading: list[str]
    cells: list[Text]
    number: bool

    @property
    def width(self) -> int:
        return max([0, *map(len, self.heading), *(cell.cell_len for cell in self.cells)])

    @property
    def narrowest(self) -> int:
        return self.width if self.number else min(self.width, _NARROWEST_TEXT)


def grids(tables: Sequence[Table], width: int) -> list[list[Grid]]:
    """Tables drawn alike: with headings in one line where all fit, else in several.

    Args:
        tables: The tables of a section. Those with as many columns get equally wide ones.
        width: The columns there are.

    Returns:
        For each table its grid; several, each with the first column, where one is too wide.
    """
    lanes = [_lanes(table, width, wrapped=False) for table in tables]
    if any(_total(lane.width for lane in table) > width for table in lanes):
        lanes = [_lanes(table, width, wrapped=True) for table in tables]
    widths: dict[int, list[int]] = {}
    for table in lanes:
        known = widths.get(len(table), [0] * len(table))
        widths[len(table)] = [
            max(old, lane.narrowest) for old, lane in zip(known, table, strict=True)
        ]
    return [
        [_grid(table, widths[len(table)], part) for part in _parts(widths[len(table)], width)]
        for table in lanes
    ]


def _parts(widths: list[int], room: int) -> list[list[int]]:
    """The columns of each grid, as many as there is room for, the first in all of them."""
    parts = [[0]]
    for index in range(1, len(widths)):
        wider = [*parts[-1], index]
        if len(parts[-1]) > 1 and _total(widths[each] for each in wider) > room:
            parts.append([0])
        parts[-1].append(index)
    return parts


def _total(widths: Iterable[int]) -> int:
    listed = list(widths)
    return sum(listed) + _GAP * (len(listed) - 1)


def _lanes(table: Table, width: int, *, wrapped: bool) -> list[_Lane]:
    return [
        _lane(column, [row[index] for row in table.rows], width, wrapped=wrapped)
        for index, column in enumerate(table.columns)
    ]


def _lane(column: Column, values: list[object], width: int, *, wrapped: bool) -> _Lane:
    texts = [Text(fmt.cell(value, column.kind)) for value in values]
    if column.kind == "share":
        texts = _bars(texts, values, min(_BAR, width // 3))
    lane = _Lane([column.name], texts, number=column.kind not in _WORDS)
    if not wrapped:
        return lane
    widest = max([1, *(text.cell_len for text in texts)])
    narrow = widest if lane.number else min(widest, _NARROWEST_TEXT)
    longest_word = max(map(len, column.name.split()), default=1)
    return replace(lane, heading=wrap(column.name, max(narrow, longest_word)) or [""])


def _bars(texts: list[Text], values: list[object], width: int) -> list[Text]:
    """Percentages with bars beside them, the longest as wide as there is room."""
    shares = [value if isinstance(value, float) else 0.0 for value in values]
    longest = max(shares, default=0.0) or 1.0
    return [
        Text.assemble(f"{text.plain:>5}  ", (_bar(share / longest, width), "cyan"))
        for text, share in zip(texts, shares, strict=True)
    ]


def _bar(share: float, width: int) -> str:
    """A bar of `width` columns for 1, in eighths of a column."""
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _grid(lanes: list[_Lane], widths: list[int], part: list[int]) -> Grid:
    height = max(len(lanes[index].heading) for index in part)
    grid = Grid(
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, _GAP - 1, 0, 0),  # SIMPLE_HEAD adds one
        header_style="dim",
        border_style="dim",
    )
    for index in part:
        lane = lanes[index]
        grid.add_column(
            Text("\n".join([*[""] * (height - len(lane.heading)), *lane.heading])),
            justify="right" if lane.number else "left",
            no_wrap=lane.number,
            overflow="fold",
            min_width=widths[index],
        )
    for cells in zip(*(lanes[index].cells for index in part), strict=True):
        grid.add_row(*cells)
    return grid
