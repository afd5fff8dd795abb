"""What is stored, what runs, what is stuck: the tables of `status`."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from optisearch.report import endings
from optisearch.report import format as fmt
from optisearch.report import progress as progress_table
from optisearch.report.table import Column, Section, Table, Typed
from optisearch.results import StageResults, TrialResult

# A trial that has run this many times as long as the longest so far is worth a look.
_STUCK = 3


def stored(
    stages: Sequence[StageResults], now: datetime, unreadable: Sequence[str] = ()
) -> Section:
    """One row per stage.

    Args:
        stages: The stages.
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
        Column("running", "count"),
        Column("best", "metric"),
        Column("last activity"),
    )
    rows = tuple(_stage_row(stage, now) for stage in stages)
    table = Table("", columns, rows).without_empty("pruned", "diverged", "failed", "running")
    return Section("Stored", (table,), tuple(unreadable))


def status(stage: StageResults, now: datetime, stale: Collection[int] = ()) -> tuple[Section, ...]:
    """How a stage stands: progress, what runs and what is stuck, what failed.

    Args:
        stage: The stage.
        now: The present, in local time.
        stale: The numbers of running trials whose worker is known to be gone.
    """
    sections = (progress_table.section(stage), _running(stage, now, stale), endings.section(stage))
    return tuple(section for section in sections if section)


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
        tally.running,
        best.value if best else None,
        fmt.ago(now - last) if last else None,
    )


def _running(stage: StageResults, now: datetime, stale: Collection[int]) -> Section | None:
    trials = stage.ended("running")
    if not trials:
        return None
    longest = max((trial.seconds or 0 for trial in stage.trained), default=0)
    columns = (
        Column("trial", "count"),
        Column("worker"),
        Column("epochs", "count"),
        Column(stage.info.metric, "metric"),
        Column("running for", "seconds"),
        Column("remark"),
    )
    rows = []
    for trial in trials:
        elapsed = (now - trial.started).total_seconds() if trial.started else None
        rows.append(
            (
                trial.number,
                trial.worker,
                _epochs(trial),
                trial.last_value,
                elapsed,
                _remark(trial, elapsed, longest, stale),
            )
        )
    table = Table("", columns, tuple(rows), trials=tuple((trial.number,) for trial in trials))
    return Section("Running", (table.without_empty("remark"),))


def _epochs(trial: TrialResult) -> Any:
    done = 0 if trial.last_epoch is None else trial.last_epoch + 1
    planned = trial.params.get("epochs")
    return Typed(f"{done} of {planned}", "text") if isinstance(planned, int) else done


def _remark(
    trial: TrialResult, elapsed: float | None, longest: float, stale: Collection[int]
) -> str:
    if trial.number in stale:
        return "its worker is gone; the next run repeats it"
    if longest and elapsed and elapsed > _STUCK * longest:
        return f"the longest trial so far took {fmt.seconds(longest)}"
    return ""
