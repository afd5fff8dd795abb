"""Stages told to people: sections of tables and figures, each computed by a module of its own.

    render.terminal(report(stage), console)

A new table is a module with `section(stage)` and a line in `searched.TABLES`; a new figure one with
`figures(stage)` and a line in `searched.FIGURES`; a new kind of stage is a line in `_TELLERS`; a
new format is a module in `render`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from optisearch.reading import StageResults
from optisearch.report import answer, comparisons, confirmation, endings, progress, searched
from optisearch.report.figure import Figure
from optisearch.report.overview import status, stored
from optisearch.report.searched import FIGURES, TABLES
from optisearch.report.table import Column, Report, Section, Table, Typed

__all__ = [
    "FIGURES",
    "TABLES",
    "Column",
    "Figure",
    "Report",
    "Section",
    "Table",
    "Typed",
    "report",
    "status",
    "stored",
]

_MOST_EVIDENCE = 4


@dataclass(frozen=True)
class _Teller:
    """How a kind of stage is told."""

    name: str
    answer: Callable[[StageResults], str]
    evidence: Callable[[StageResults], tuple[str, ...]]
    sections: Callable[[StageResults], tuple[Section, ...]]


def _compared(stage: StageResults) -> tuple[Section, ...]:
    others = (progress.section(stage), endings.section(stage))
    return (*comparisons.sections(stage), *filter(None, others))


def _confirmed(stage: StageResults) -> tuple[Section, ...]:
    return tuple(filter(None, (confirmation.section(stage), endings.section(stage))))


_SEARCH = _Teller("The search", answer.answer, answer.evidence, searched.sections)
# What rests on the most evidence comes first. Any optuna.Study is told like a search.
_TELLERS = {
    "confirm": _Teller("The confirmation", confirmation.answer, confirmation.evidence, _confirmed),
    "compare": _Teller("The comparisons", comparisons.answer, comparisons.evidence, _compared),
    "search": _SEARCH,
}


def report(*stages: StageResults) -> Report:
    """All there is to say about the stages of a study at this moment, however little that is.

    Several are told in one report of several parts, what rests on the most evidence first.
    """
    order = list(_TELLERS)
    parts = [_report(stage) for stage in sorted(stages, key=lambda each: order.index(_kind(each)))]
    return parts[0] if len(parts) == 1 else _whole(parts)


def _report(stage: StageResults) -> Report:
    teller = _TELLERS[_kind(stage)]
    return Report(
        title=stage.info.title or stage.info.name,
        about=answer.about(stage.info),
        answer=teller.answer(stage),
        evidence=teller.evidence(stage),
        sections=teller.sections(stage),
        stage=stage,
    )


def _whole(parts: Sequence[Report]) -> Report:
    """The first part's answer with its evidence, and what the other parts answer."""
    first, *others = parts
    evidence = [*first.evidence[: _MOST_EVIDENCE - len(others)], *(p.answer for p in others)]
    return Report(
        title=first.title,
        about=(", ".join(part.stage.info.name for part in parts), *first.about[1:]),
        answer=first.answer,
        evidence=tuple(evidence),
        sections=(),
        stage=first.stage,
        parts=tuple(replace(part, title=_TELLERS[_kind(part.stage)].name) for part in parts),
    )


def _kind(stage: StageResults) -> str:
    return stage.info.stage if stage.info.stage in _TELLERS else "search"
