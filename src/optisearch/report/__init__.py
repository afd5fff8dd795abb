"""A stage told to people: sections of tables, each computed by a module of its own.

    render.terminal(report(stage), console)

A new table is a module with `section(stage)` and a line in `TABLES`; a new format is a function in
`render`.
"""

from collections.abc import Callable

from optisearch.report import (
    answer,
    best,
    endings,
    factors,
    importance,
    leaderboard,
    progress,
)
from optisearch.report.overview import status, stored
from optisearch.report.table import Column, Report, Section, Table, Typed
from optisearch.results import StageResults

__all__ = ["TABLES", "Column", "Report", "Section", "Table", "Typed", "report", "status", "stored"]

# In the order in which they are read. None: there is nothing to say.
TABLES: tuple[Callable[[StageResults], Section | None], ...] = (
    best.section,
    leaderboard.section,
    factors.section,
    importance.section,
    progress.section,
    endings.section,
)


def report(stage: StageResults) -> Report:
    """All there is to say about a stage at this moment, however little that is."""
    sections = (section(stage) for section in TABLES)
    return Report(
        title=stage.info.title or stage.info.name,
        about=answer.about(stage.info),
        answer=answer.answer(stage),
        evidence=answer.evidence(stage),
        sections=tuple(section for section in sections if section),
        stage=stage,
    )
