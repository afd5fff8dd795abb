"""Time to accuracy: after how many epochs, and how long, a search's trials reached a target."""

import math
from collections.abc import Sequence
from typing import Any

from optisearch.reading import StageInfo, StageResults, TrialResult
from optisearch.reading.measures import measured
from optisearch.report import format as fmt
from optisearch.report.leaderboard import differences
from optisearch.report.table import Column, Kind, Section, Table, Typed

_LENGTH = 10
_NEVER = Typed("not reached", "text")


def section(stage: StageResults) -> Section | None:
    """The ten that reached the study's target soonest, pruned ones among them."""
    info, trials = stage.info, stage.ended("completed", "pruned")
    if info.target is None or not trials:
        return None
    waited = [(_waited(info, trial, info.target, "seconds"), trial) for trial in trials]
    reached = [(seconds, trial) for seconds, trial in waited if math.isfinite(seconds or math.inf)]
    soonest = sorted(reached, key=lambda each: (each[0], each[1].number))[:_LENGTH]
    target = f"{fmt.text(info.metric)} {fmt.metric(info.target)}"
    count = f"{fmt.count(len(reached))} of {fmt.amount(len(trials), 'trial')}"
    notes = (
        f"{count} reached {target} after some epoch, maybe for that one only.",
        "Times were taken beside other workers; pruned trials are among them.",
    )
    if not reached:
        return Section("Time to accuracy", notes=notes[:1])
    columns = (
        Column("trial", "count"),
        Column("time to target", "seconds"),
        Column("epochs to target", "count"),
        Column(f"{info.metric} at its end", "metric"),
        Column("differs from the baseline in"),
    )
    rows = tuple(
        (
            trial.number,
            seconds,
            _waited(info, trial, info.target, "epochs"),
            trial.last_value,
            differences(info, trial),
        )
        for seconds, trial in soonest
    )
    table = Table("", columns, rows, notes, tuple((trial.number,) for _, trial in soonest))
    return Section("Time to accuracy", (table,))


def rows(stage: StageResults, trials: Sequence[TrialResult | None]) -> list[tuple[Any, ...]]:
    """Epochs and time to the study's target, a column for each of the trials.

    Where the study has none, it is what the baseline reached at its end.
    """
    info, baseline = stage.info, stage.baseline
    target = info.target
    if target is None and baseline is not None and trials != [baseline, baseline]:
        target = baseline.value
    if target is None or not any(trial and trial.history for trial in trials):
        return []

    def row(name: str, unit: str, kind: Kind) -> tuple[Any, ...]:
        waited = [None if each is None else _waited(info, each, target, unit) for each in trials]
        return (name, *(None if each is None else _cell(each, kind) for each in waited))

    reached = fmt.metric(target)
    return [
        row(f"epochs to {reached}", "epochs", "count"),
        row(f"time to {reached}", "seconds", "seconds"),
    ]


def _cell(waited: float, kind: Kind) -> Typed:
    return Typed(waited, kind) if math.isfinite(waited) else _NEVER


def _waited(info: StageInfo, trial: TrialResult, target: float, unit: str) -> float | None:
    """Epochs or seconds: infinite where it never got there, None where no epoch is recorded."""
    if not trial.history:
        return None
    waited = measured(
        trial, f"{unit}_to_target", metric=info.metric, maximize=info.maximize, target=target
    )
    return int(waited) if unit == "epochs" and waited not in (None, math.inf) else waited
