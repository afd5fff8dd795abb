"""Tables put together column by column; a column in which nothing stands is left out."""

from collections.abc import Iterable, Sequence
from typing import Any

from optisearch.reading import LevelResults
from optisearch.report.table import Column, Table

Lane = tuple[Column, Sequence[Any]]


def table(
    title: str,
    lanes: Iterable[Lane],
    notes: Iterable[str] = (),
    trials: Iterable[tuple[int, ...]] = (),
) -> Table:
    """A table of these columns, without those that are None or empty in each row."""
    kept = [
        (column, cells)
        for column, cells in lanes
        if any(cell is not None and cell != "" for cell in cells)
    ]
    return Table(
        title,
        tuple(column for column, _ in kept),
        tuple(zip(*(cells for _, cells in kept), strict=True)),
        tuple(notes),
        tuple(trials),
    )


def level_lane(factor: str, rows: Sequence[LevelResults]) -> Lane:
    """The first column: the compared factor's values."""
    return Column(factor, "setting"), [row.level for row in rows]


def ends(low: float | None, high: float | None) -> tuple[float, float] | None:
    """An interval as a cell."""
    return None if low is None or high is None else (low, high)
