"""The tables of a report, one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, Any

from rich.console import Console

from optisearch.api.frames import Column, frame
from optisearch.api.named import Named
from optisearch.reading import StageResults
from optisearch.report import Report, Section, Typed
from optisearch.report import Table as Told
from optisearch.report.render.html import fragments
from optisearch.report.render.terminal import render_section

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = 100


@dataclass(frozen=True)
class Table:
    """A table of a report, with the numbers that it is drawn from.

    Attributes:
        title: What it is about.
        columns: Its headings.
        rows: Its rows: for each column a value, or None where there is none.
        notes: Sentences below it.
        trials: For each row the numbers of the trials it was computed from.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...]
    trials: tuple[tuple[int, ...], ...]
    _told: Told = field(repr=False, compare=False)
    _stage: StageResults = field(repr=False, compare=False)

    def to_dataframe(self) -> "pd.DataFrame":
        """The same as a data frame of pandas's.

        Raises:
            OptisearchError: pandas isn't installed.
        """
        return frame(
            {
                name: Column.of(row[place] for row in self.rows)
                for place, name in enumerate(self.columns)
            }
        )

    def __str__(self) -> str:
        """The table as `report` prints it."""
        lines = StringIO()
        console = Console(file=lines, width=_WIDTH, color_system=None, force_jupyter=False)
        render_section(Section(self.title, (self._told,)), console)
        return lines.getvalue().strip("\n")

    def __repr__(self) -> str:
        return f"Table({self.title!r}, {len(self.rows)} rows of {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        return fragments.table(self._stage, self.title, self._told)


class Tables(Named[tuple[StageResults, Told], Table]):
    """The tables of a stage's report by their titles."""

    def __init__(self, report: Report) -> None:
        stage = report.stage
        entries = ((title, (stage, told)) for title, told in _titled(report))
        super().__init__("table", stage.info.name, entries, _made)

    def _repr_html_(self) -> str:
        return "".join(table._repr_html_() for table in self.values())


def _titled(report: Report) -> Iterator[tuple[str, Told]]:
    for section in report.sections:
        untitled = [told for told in section.tables if not told.title]
        for told in section.tables:
            part = told.title or (told.columns[0].name if len(untitled) > 1 else "")
            yield (f"{section.title}: {part}" if part else section.title), told


def _made(title: str, entry: tuple[StageResults, Told]) -> Table:
    stage, told = entry
    return Table(
        title=title,
        columns=tuple(column.name for column in told.columns),
        rows=tuple(tuple(map(_plain, row)) for row in told.rows),
        notes=told.notes,
        trials=told.trials,
        _told=told,
        _stage=stage,
    )


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Typed) else value
