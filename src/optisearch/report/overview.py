"""What is stored, who is at work, what was lost: the tables of `status`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from optisearch.reading import Crew, StageResults
from optisearch.report import crew as crew_table
from optisearch.report import endings, pareto_front
from optisearch.report import format as fmt
from optisearch.report import lost as lost_table
from optisearch.report import progress as progress_table
from optisearch.report.table import Column, Section, Table


def stored(
    stages: Sequence[tuple[StageResults, Crew]], now: datetime, unreadable: Sequence[str] = ()
) -> Section:
    """One row per stage, and a sentence on each that needs somebody.

    Args:
        stages: The stages, and who is at work in them.
        now: The present, in local time.
        unreadable: A sentence for each study that can't be read.
    """
    if not stages:
        nothing = "Nothing is stored here yet. Begin with: optisearch run FILE"
        return Section("Stored", notes=tuple(unreadable) or (nothing,))
    columns = (
        Column("stage"),
        Column("trained"),
        Column("pruned", "count"),
        Column("diverged", "count"),
        Column("failed", "count"),
        Column("lost", "count"),
        Column("running", "count"),
        Column("best", "metric"),
        Column("on the front", "count"),
        Column("last activity"),
    )
    rows = tuple(_stage_row(stage, now) for stage, _ in stages)
    table = Table("", columns, rows).without_empty(
        "pruned", "diverged", "failed", "lost", "running", "on the front"
    )
    return Section("Stored", (table,), (*_in_need(stages), *unreadable))


def status(stage: StageResults, now: datetime, crew: Crew) -> tuple[Section, ...]:
    """How a stage stands: progress, who is at work, what was lost, what failed.

    Args:
        stage: The stage.
        now: The present, in local time.
        crew: Who is at work in it.
    """
    sections = (
        progress_table.section(stage),
        _front(stage),
        crew_table.section(stage, crew),
        lost_table.section(stage, crew, now),
        endings.section(stage, with_lost=False),
    )
    return tuple(section for section in sections if section)


def _front(stage: StageResults) -> Section | None:
    if not stage.info.others or not stage.ranked:
        return None
    where = f"Which: optisearch report {fmt.text(stage.info.name)}"
    return Section("Pareto front", notes=(pareto_front.sentence(stage), where))


def _in_need(stages: Sequence[tuple[StageResults, Crew]]) -> Iterator[str]:
    for stage, crew in stages:
        found = {
            "without a worker": len(crew.forsaken),
            "unusually long in training": len(crew.of("slow")),
            "given up as lost": stage.tally.lost,
        }
        parts = [
            f"{fmt.amount(number, 'trial')} {what}" for what, number in found.items() if number
        ]
        if parts:
            name = fmt.text(stage.info.name)
            yield f"{name} needs a look, for {fmt.listing(parts)}: optisearch status {name}"


def _stage_row(stage: StageResults, now: datetime) -> tuple[Any, ...]:
    tally, last, progress = stage.tally, stage.last_activity, stage.progress()
    budget = f" of {fmt.count(progress.total)}" if progress.total else ""
    # Cells are there to be compared: the best of them says nothing.
    best = stage.best if stage.plan is None else None
    return (
        stage.info.name,
        f"{fmt.count(progress.done)}{budget}",
        tally.pruned,
        tally.diverged,
        tally.failed,
        tally.lost,
        tally.running,
        best.value if best else None,
        len(stage.front) if stage.info.others else None,
        fmt.ago(now - last) if last else None,
    )
