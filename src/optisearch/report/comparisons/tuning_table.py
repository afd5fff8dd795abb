"""How each level was tuned: what was searched, with what budget, and what was chosen."""

from collections.abc import Iterator
from typing import Any

from optisearch.plan import Tuning
from optisearch.plan.tuning import POINTS_PER_WIDENING, budget
from optisearch.reading import FactorInfo, LevelResults, StageResults
from optisearch.report import format as fmt
from optisearch.report.comparisons.finding import Finding
from optisearch.report.comparisons.lanes import Lane, level_lane, table
from optisearch.report.table import Column, Table

NOTE = (
    "Every level was tried at the same quasi-random points, with one seed; what was chosen there "
    "is repeated with fresh seeds, which know nothing of the choice."
)


def tuning_table(finding: Finding, stage: StageResults, title: str) -> Table:
    """A row per level of a tuned half."""
    return table(title, _lanes(finding, stage), _notes(finding, stage), _trials(finding, stage))


def _lanes(finding: Finding, stage: StageResults) -> Iterator[Lane]:
    rows, declared = finding.rows, {factor.name: factor for factor in stage.info.factors}
    tunings = [row.tuning or Tuning() for row in rows]
    yield level_lane(finding.factor, rows)
    for name in finding.results.planned.tune:
        chosen = [(each.chosen or {}).get(name) for each in tunings]
        yield Column(name, "setting"), chosen
        yield Column(f"searched {name}"), [_range(each, declared[name]) for each in tunings]
    tried = [[cell for cell in each.cells if stage.ledger.is_done(cell)] for each in tunings]
    yield Column("points", "count"), [len(cells) for cells in tried]
    yield Column("of", "count"), [len(each.cells) for each in tunings]
    values = [_value(row, stage) for row in rows]
    yield Column(f"{fmt.text(finding.results.metric)} there", "metric"), values
    yield Column("remark"), [_remark(each) for each in tunings]


def _range(tuning: Tuning, factor: FactorInfo) -> str:
    if factor.name not in tuning.regions:
        return ""
    region = tuning.regions[factor.name]
    if region is None:
        return " | ".join(map(fmt.setting, factor.options))
    widened = " (widened)" if factor.name in tuning.widened else ""
    return f"{_end(region.low, factor)} … {_end(region.high, factor)}{widened}"


def _end(value: float, factor: FactorInfo) -> str:
    return fmt.setting(round(value) if factor.kind == "integer" else value)


def _value(row: LevelResults, stage: StageResults) -> float | None:
    """The study's metric at the chosen point, with the seed it was chosen by."""
    tuning = row.tuning
    if tuning is None or not tuning.chosen:
        return None
    return next(
        (
            stage.ledger.values.get(cell.key)
            for cell in tuning.cells
            if all(cell.point.get(name) == value for name, value in tuning.chosen.items())
        ),
        None,
    )


def _remark(tuning: Tuning) -> str:
    if tuning.hopeless:
        return "no point gave a finite value"
    if tuning.chosen is None:
        return "not chosen yet"
    if not tuning.chosen:
        return "nothing to tune here"
    if tuning.at_edge:
        return f"{fmt.listing(tuning.at_edge)} at the edge of what was tried"
    return ""


def _notes(finding: Finding, stage: StageResults) -> Iterator[str]:
    tunings = [row.tuning or Tuning() for row in finding.rows]
    planned = finding.results.planned
    tuned = fmt.listing(planned.tune)
    points = fmt.count(budget(len(planned.tune)))
    yield (
        f"Tuned for each level: {tuned}, by {fmt.text(stage.info.metric)} at the last epoch. "
        f"Budget: {points} points for each level, and {POINTS_PER_WIDENING} more each time that "
        "the choice lay at the edge of a range, which was then widened."
    )
    yield NOTE
    waiting = [row.level for row in finding.rows if row.tuning and not row.tuning.is_settled]
    if waiting:
        levels = fmt.listing([fmt.setting(level) for level in waiting])
        yield f"Not all points are there yet: {levels} can't be chosen for."
    if any(tuning.at_edge for tuning in tunings):
        yield "A choice at the edge: a better value may lie beyond, so that level may be undersold."


def _trials(finding: Finding, stage: StageResults) -> list[tuple[int, ...]]:
    numbers: dict[Any, list[int]] = {}
    for trial in stage.trained:
        numbers.setdefault(trial.cell, []).append(trial.number)
    return [
        tuple(
            n
            for cell in (row.tuning.cells if row.tuning else ())
            for n in numbers.get(cell.key, ())
        )
        for row in finding.rows
    ]
