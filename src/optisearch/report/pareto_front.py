"""The trials that no other one beats in all objectives."""

import math
from typing import Any

from optisearch.objectives import EPOCHS_TO_TARGET, Objective
from optisearch.reading import StageResults
from optisearch.record import PARAMETERS
from optisearch.report import format as fmt
from optisearch.report.leaderboard import differences
from optisearch.report.table import Column, Kind, Section, Table, Typed

_LENGTH = 20
_NEVER = Typed("not reached", "text")


def section(stage: StageResults) -> Section | None:
    """The front of a search with several objectives, the best by the first one first."""
    info = stage.info
    if not info.others or not stage.ranked:
        return None
    columns = (
        Column("trial", "count"),
        *(Column(each.name, kind(each)) for each in info.objectives),
        Column("differs from the baseline in" if info.declared else "settings"),
    )
    rows = tuple(
        (trial.number, *map(_cell, info.objectives, trial.values), differences(info, trial))
        for trial in stage.front[:_LENGTH]
    )
    notes = ["No other completed trial is at least as good in each of these and better in one."]
    if len(stage.front) > _LENGTH:
        notes.append(f"The first {_LENGTH} of them.")
    if stage.tally.pruned:
        notes.append(f"Pruned trials, which stood badly by {fmt.text(info.metric)}, have no place.")
    trials = tuple((row[0],) for row in rows)
    return Section("Pareto front", (Table("", columns, rows, tuple(notes), trials),))


def sentence(stage: StageResults) -> str:
    """How many trials are on the front."""
    ranked = fmt.amount(len(stage.ranked), "completed trial")
    verb = "is" if len(stage.front) == 1 else "are"
    names = fmt.listing([fmt.text(each.name) for each in stage.info.objectives])
    return f"{fmt.count(len(stage.front))} of {ranked} {verb} on the Pareto front of {names}."


def kind(objective: Objective) -> Kind:
    """Of what kind an objective's values are."""
    if objective.name in (PARAMETERS, EPOCHS_TO_TARGET):
        return "count"
    return "seconds" if objective.is_cost else "metric"


def _cell(objective: Objective, value: float) -> Any:
    if not math.isfinite(value):
        return _NEVER
    return int(value) if kind(objective) == "count" else value
