"""How fast each level learned, and what it cost."""

import math
from collections.abc import Iterator
from statistics import fmean, median
from typing import Any

from optisearch.reading import TrialResult
from optisearch.reading.measures import curve
from optisearch.record import BEST_PREFIX
from optisearch.report import format as fmt
from optisearch.report.comparisons import sentences
from optisearch.report.comparisons.finding import Finding, Values
from optisearch.report.comparisons.lanes import Lane, level_lane, table
from optisearch.report.table import Column, Table
from optisearch.statistics import estimate


def cost_table(finding: Finding, title: str = "Convergence and cost") -> Table | None:
    """A row per level; None before anything was trained."""
    if not any(row.trials for row in finding.rows):
        return None
    return table(title, _lanes(finding), _notes(finding), (row.numbers for row in finding.rows))


def _lanes(finding: Finding) -> Iterator[Lane]:
    results, rows = finding.results, finding.rows
    yield level_lane(finding.factor, rows)
    best = results.values(f"{BEST_PREFIX}{results.metric}")
    found = [estimate(best[row.level].values()) for row in rows]
    name = f"best {fmt.text(results.metric)}"
    yield Column(name, "metric"), [each.mean for each in found]
    yield Column("sd", "spread"), [each.sd for each in found]
    yield Column("at epoch", "spread"), [_best_epoch(finding, row.level) for row in rows]
    epochs = results.values("epochs_to_target")
    if any(epochs.values()):
        reached = [sum(map(math.isfinite, epochs[row.level].values())) for row in rows]
        yield Column("reached the target", "count"), reached
        yield Column("of seeds", "count"), [len(epochs[row.level]) for row in rows]
        yield Column("epochs to target", "figure"), _medians(finding, epochs)
        waited = results.values("seconds_to_target")
        yield Column("time to target", "seconds"), _medians(finding, waited)
    paces = results.values("seconds_per_epoch")
    yield Column("time per epoch", "seconds"), _medians(finding, paces)
    spent = results.values("seconds")
    yield Column("time", "seconds"), _medians(finding, spent)
    spreads = [estimate(spent[row.level].values()).sd for row in rows]
    yield Column("its sd", "seconds"), spreads
    sizes = _medians(finding, results.values("parameters"))
    yield Column("parameters", "count"), [None if size is None else round(size) for size in sizes]


def _medians(finding: Finding, values: Values) -> list[float | None]:
    """Each level's median: a target that wasn't reached counts as one that takes for ever."""
    found = [
        [value for value in values[row.level].values() if not math.isnan(value)]
        for row in finding.rows
    ]
    return [median(known) if known else None for known in found]


def _best_epoch(finding: Finding, level: Any) -> float | None:
    """The epoch of the best value, counted from 1, on average over the seeds that completed."""
    row = next(row for row in finding.rows if row.level == level)
    last = level if finding.results.planned.reads_one_run else None
    found = [
        epoch
        for trial in row.trials.values()
        if (epoch := _epoch(finding, trial, last)) is not None
    ]
    return fmean(found) if found else None


def _epoch(finding: Finding, trial: TrialResult, last: int | None) -> int | None:
    results = finding.results
    values = {
        epoch: value
        for epoch, value in curve(trial, results.metric).items()
        if last is None or epoch <= last
    }
    if trial.ending == "diverged" or not values:
        return None
    sign = 1 if results.maximize else -1
    return max(values, key=lambda epoch: (sign * values[epoch], -epoch))


def _notes(finding: Finding) -> Iterator[str]:
    metric = fmt.text(finding.results.metric)
    yield f"best {metric}: at each seed's best epoch, chosen by looking and so optimistic; a mean."
    if finding.tuned:
        return  # the rest stands under the other half
    if finding.results.target is not None:
        yield (
            f"Target: {sentences.target(finding)}; a seed that never does counts as one that takes "
            "for ever."
        )
    yield "Times and epochs to target are medians; times were taken with other workers running."
