"""Every attempt that was lost with its worker: when, how far it was, what became of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from optisearch.reading import Crew, StageInfo, StageResults, Unfinished, unfinished
from optisearch.report import crew as crew_table
from optisearch.report import format as fmt
from optisearch.report.table import Column, Section, Table

# Of more than these the latest are shown.
_MOST = 100
_MOST_GIVEN_UP = 5


def section(stage: StageResults, crew: Crew, now: datetime) -> Section | None:
    """The lost attempts, the latest first, and what to do about those that stay lost.

    Args:
        stage: The stage.
        crew: Who is at work in it.
        now: The present, in local time.
    """
    lost = [each for each in unfinished(stage) if each.trial.ending == "lost"]
    if not lost:
        return None
    latest = sorted(lost, key=_when, reverse=True)[:_MOST]
    columns = (
        Column("trial", "count"),
        Column("worker"),
        Column("lost"),
        Column("epochs"),
        Column("afterwards"),
    )
    rows = tuple(_row(each, stage.info, now) for each in latest)
    numbers = tuple((each.trial.number,) for each in latest)
    notes = (*_more(lost, stage.info), *_notes(lost, stage, crew))
    return Section("Lost attempts", (Table("", columns, rows, notes, numbers),))


def _when(each: Unfinished) -> tuple[datetime, int]:
    return each.trial.finished or datetime.min, each.trial.number


def _row(each: Unfinished, info: StageInfo, now: datetime) -> tuple[Any, ...]:
    trial = each.trial
    return (
        trial.number,
        trial.worker,
        fmt.ago(now - trial.finished) if trial.finished else None,
        crew_table.epochs(trial, info),
        _afterwards(each),
    )


def _afterwards(each: Unfinished) -> str:
    if each.retry is None:
        return "waits to be trained again" if each.fate == "to be repeated" else each.fate
    ending = each.retry.ending
    words = {"running": "in training", "lost": "lost again"}.get(ending, ending)
    return f"{words} as trial {fmt.count(each.retry.number)}"


def _more(lost: Sequence[Unfinished], info: StageInfo) -> Iterator[str]:
    if len(lost) > _MOST:
        yield (
            f"The latest {_MOST} of {fmt.count(len(lost))}. All of them: "
            f"optisearch report {fmt.text(info.name)} --format csv"
        )


def _notes(lost: Sequence[Unfinished], stage: StageResults, crew: Crew) -> Iterator[str]:
    waiting = [each for each in lost if each.fate == "to be repeated"]
    if waiting and not crew.is_at_work:
        number = fmt.amount(len(waiting), "trial waits", "trials wait")
        line = crew_table.joining(stage.info)
        yield f"{number} for a worker to be trained again, and none is at work. Start one: {line}"
    given_up = [each for each in lost if each.fate == "given up"]
    for each in given_up[-_MOST_GIVEN_UP:]:
        yield _given_up(each, stage.info)
    if len(given_up) > _MOST_GIVEN_UP:
        others = given_up[:-_MOST_GIVEN_UP]
        yield f"Given up as well: {fmt.numbers(each.trial.number for each in others)}."
    if given_up:
        yield (
            "Whether memory ran out, the kernel's log says (dmesg), or the engine's that started "
            "the workers."
        )


def _given_up(each: Unfinished, info: StageInfo) -> str:
    history = fmt.listing([fmt.count(trial.number) for trial in each.attempts])
    # The first attempts may have been lost before they asked for all of their parameters.
    params = max((trial.params for trial in each.attempts), key=len)
    settings = fmt.settings(info.ordered(params))
    return (
        f"Trial {fmt.count(each.trial.number)} is given up after {len(each.losses)} lost attempts "
        f"({history}): its workers died each time. It may be what kills them, by the memory it "
        f"needs, say{f': {settings}' if settings else ''}."
    )
