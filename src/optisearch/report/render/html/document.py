"""What the page's template walks through: texts and drawings, in reading order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from optisearch.reading import StageResults
from optisearch.report import format as fmt
from optisearch.report.figure import Figure, Points, Role, Scatter
from optisearch.report.render.html.looks import point_colour_name
from optisearch.report.render.html.plot import Plot, draw
from optisearch.report.table import Column, Report, Section, Table, Typed

_LEFT = frozenset({"text", "setting", "share"})
# When a row is pointed at, so many runs of trial numbers are named.
_FIRST_TRIALS = 20


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, whether it is a number, and the bar behind it in percent."""

    text: str
    number: bool
    bar: float | None = None


@dataclass(frozen=True)
class Row:
    """A row of a table, and the trials behind it in words: all of them, and the first few."""

    cells: tuple[Cell, ...]
    baseline: bool
    trials: str
    first_trials: str


@dataclass(frozen=True)
class Grid:
    """A table; `title` is shown, `caption` is for those who don't see what stands above it."""

    title: str
    caption: str
    headings: tuple[Cell, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    trials: str  # those behind all rows, where they are the same


@dataclass(frozen=True)
class Shown:
    """A figure with its drawing."""

    figure: Figure
    plot: Plot
    wide: int  # pixels below which its box is scrolled


@dataclass(frozen=True)
class Tile:
    """A figure, or several small ones side by side with one legend (name, colour) and notes."""

    figures: tuple[Shown, ...]
    legend: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]

    @property
    def small(self) -> bool:
        return self.figures[0].figure.small


@dataclass(frozen=True)
class Part:
    """A section. `opens` is the report of a stage that begins with it, where there are several."""

    anchor: str
    title: str
    tables: tuple[Grid, ...]
    tiles: tuple[Tile, ...]
    notes: tuple[str, ...]
    opens: Report | None = None


def sections(report: Report) -> tuple[Part, ...]:
    """The report's sections, those of all of its stages."""
    return tuple(
        Part(
            anchor=f"part-{number}-{place}",
            title=fmt.text(section.title),
            tables=tuple(grid(leaf.stage, section, table) for table in section.tables),
            tiles=tuple(_tiles(section.figures)),
            notes=section.notes,
            opens=leaf if report.parts and place == 1 else None,
        )
        for number, leaf in enumerate(report.leaves, 1)
        for place, section in enumerate(leaf.sections, 1)
    )


def grid(stage: StageResults, section: Section, table: Table) -> Grid:
    """A table of a section as text."""
    behind = table.trials or ((),) * len(table.rows)
    same = len(set(behind)) == 1 and len(behind) > 1
    longest = [_longest(table, index) for index in range(len(table.columns))]
    rows = tuple(
        Row(
            cells=tuple(map(_cell, row, table.columns, longest)),
            baseline=_is_baseline(stage, table, trials, alone=same),
            trials="" if same else _trials(trials, most=len(trials)),
            first_trials="" if same else _trials(trials, most=_FIRST_TRIALS),
        )
        for row, trials in zip(table.rows, behind, strict=True)
    )
    about = table.title or (table.columns[0].name if len(section.tables) > 1 else "")
    return Grid(
        title=fmt.text(table.title),
        caption=fmt.text(f"{section.title}: {about}" if about else section.title),
        headings=tuple(Cell(fmt.text(c.name), c.kind not in _LEFT) for c in table.columns),
        rows=rows,
        notes=table.notes,
        trials=_trials(behind[0], most=len(behind[0])) if same else "",
    )


def _cell(value: Any, column: Column, longest: float) -> Cell:
    kind = value.kind if isinstance(value, Typed) else column.kind
    bar = None
    if kind == "share" and isinstance(value, float) and longest:
        bar = round(100 * value / longest, 1)
    return Cell(fmt.cell(value, column.kind), column.kind not in _LEFT, bar)


def _longest(table: Table, index: int) -> float:
    return max((row[index] for row in table.rows if isinstance(row[index], float)), default=0.0)


def _is_baseline(stage: StageResults, table: Table, trials: Sequence[int], *, alone: bool) -> bool:
    """Whether a row is the baseline trial's, or the level at which the baseline lies."""
    if stage.baseline is None or alone or stage.baseline.number not in trials:
        return False
    factors = {factor.name for factor in stage.info.factors}
    return len(trials) == 1 or table.columns[0].name in factors


def _trials(numbers: Sequence[int], *, most: int) -> str:
    if not numbers:
        return ""
    word = "trial" if len(numbers) == 1 else "trials"
    return f"{word} {fmt.numbers(numbers, most=most)}"


def _tiles(figures: Sequence[Figure]) -> Iterator[Tile]:
    # Side by side: neighbours that are small and of one kind.
    for _, run in groupby(figures, key=lambda each: (each.small, type(each))):
        members = list(run)
        batches = [members] if members[0].small else [[each] for each in members]
        for batch in batches:
            shown = tuple(Shown(each, draw(each), _width(each)) for each in batch)
            notes = dict.fromkeys(note for each in batch for note in each.notes)
            yield Tile(shown, _legend(batch), tuple(notes))


def _width(figure: Figure) -> int:
    """Parallel axes need room for their names."""
    dimensions = getattr(figure, "dimensions", ())
    return 104 * len(dimensions) if dimensions else 0


def _legend(figures: Sequence[Figure]) -> tuple[tuple[str, str, str], ...]:
    groups: dict[Role, Points] = {}
    for figure in figures:
        if isinstance(figure, Scatter) and figure.small:
            for group in figure.groups:
                groups.setdefault(group.role, group)
    if len(groups) < 2:
        return ()
    return tuple((group.name, point_colour_name(role), role) for role, group in groups.items())
