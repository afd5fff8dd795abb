"""What a report is made of: values, computed and not yet drawn.

A renderer draws these; it computes nothing, so that formats can't differ in a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from optisearch.reading import StageResults

if TYPE_CHECKING:  # a figure's axes have a table's kinds of numbers
    from optisearch.report.figure import Figure

Kind = Literal[
    "text",
    "count",
    "metric",
    "setting",
    "seconds",
    "share",
    "figure",
    "spread",
    "interval",
    "difference",
    "differences",
    "p",
]


@dataclass(frozen=True)
class Column:
    """A column's heading, and of what kind its values are (see `format.cell`)."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Typed:
    """A value of another kind than its column's."""

    value: Any
    kind: Kind


@dataclass(frozen=True)
class Table:
    """A table of raw values.

    Attributes:
        title: What it is about; empty where its section says it.
        columns: Its columns.
        rows: Its rows, a value (or None: there is none) for each column.
        notes: Sentences below it.
        trials: For each row the numbers of the trials it was computed from.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...] = ()
    trials: tuple[tuple[int, ...], ...] = ()

    def without(self, *names: str) -> "Table":
        """The table without these columns."""
        kept = [index for index, column in enumerate(self.columns) if column.name not in names]
        columns = tuple(self.columns[index] for index in kept)
        rows = tuple(tuple(row[index] for index in kept) for row in self.rows)
        return replace(self, columns=columns, rows=rows)

    def without_empty(self, *names: str) -> "Table":
        """The table without those of these columns that are 0 or empty in every row."""
        empty = [
            column.name
            for index, column in enumerate(self.columns)
            if column.name in names and not any(row[index] for row in self.rows)
        ]
        return self.without(*empty)


@dataclass(frozen=True)
class Section:
    """A heading, sentences, tables and figures. Without these the sentences say why.

    Figures are for those formats that can draw: a section has a table or a sentence besides them.
    """

    title: str
    tables: Sequence[Table] = ()
    notes: tuple[str, ...] = ()
    figures: Sequence["Figure"] = ()


@dataclass(frozen=True)
class Report:
    """A stage told: the answer first, then its evidence and caveat, then the tables.

    Attributes:
        title: The question.
        about: The stage, its metric and its data, a line each.
        answer: One sentence.
        evidence: What the answer rests on, and what speaks against it: a sentence each.
        sections: The tables.
        stage: What all of it was computed from.
        parts: The reports of several stages, whose first has the same `stage`; without any, this
            is the report of one.
    """

    title: str
    about: tuple[str, ...]
    answer: str
    evidence: tuple[str, ...]
    sections: tuple[Section, ...]
    stage: StageResults
    parts: tuple["Report", ...] = ()

    @property
    def leaves(self) -> tuple["Report", ...]:
        """The report of each stage."""
        return self.parts or (self,)
