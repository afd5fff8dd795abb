"""One table per factor: what was seen at each of its levels, and what to expect of each."""

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from optisearch.reading import FactorInfo, StageResults, TrialResult
from optisearch.report.bins import levels
from optisearch.report.figures.shared import outcome
from optisearch.report.table import Column, Section, Table
from optisearch.statistics import ExpectedBest, equal_budget, expected_best

# At a budget of 1 it would be the mean, in which pruned trials weigh as much as others.
_SMALLEST = 2
_CAVEAT = (
    "The sampler visits promising levels more often and at better settings of the other factors: "
    "these tables are observations, not a controlled comparison of the levels."
)
_READING = (
    "trials: all that were trained; best and median: of the completed ones, without the pruned and "
    "the diverged."
)
_EXPECTED = (
    "expected best: what the best of equally many trials of each level is on average, pruned ones "
    "with their last value and diverged ones with the worst. It takes trials for random draws, "
    "which an adaptive sampler's aren't: good levels look better than they are."
)
# Four trials for each one of the smallest budget: see `statistics.equal_budget`.
_TOO_FEW = (
    "An expected best of equally many trials takes two levels, and 8 trials at each that was "
    "visited: without it, levels that were visited more often had more chances of a good one."
)


def section(stage: StageResults) -> Section | None:
    """One table per factor."""
    if not stage.trained or not stage.info.factors:
        return None
    tables = [
        factor_table(stage, factor)
        for factor in stage.info.factors
        if any(factor.name in trial.params for trial in stage.trained)
    ]
    if not tables:
        return None
    told = [any(column.name == "expected best" for column in table.columns) for table in tables]
    notes = [_READING, *([_EXPECTED] if any(told) else []), *([] if all(told) else [_TOO_FEW])]
    return Section("Factors", tables, (*notes, _CAVEAT))


def factor_table(stage: StageResults, factor: FactorInfo) -> Table:
    """A row per level; one more for the trials in which the factor was switched off.

    The expected best is that of equally many trials of each level: Dodge et al. 2019,
    https://arxiv.org/abs/1909.03004.
    """
    active = [trial for trial in stage.trained if factor.name in trial.params]
    groups = [
        (level.label, [active[position] for position in level.members])
        for level in levels(factor, [trial.params[factor.name] for trial in active])
    ]
    budget = equal_budget(len(_draws(trials)) for _, trials in groups)
    visited = sum(bool(_draws(trials)) for _, trials in groups)
    enough = budget >= _SMALLEST and visited > 1
    off = [trial for trial in stage.trained if factor.name not in trial.params]
    if off:
        groups.append(("(off)", off))
    columns = (
        Column(factor.name),
        Column("trials", "count"),
        Column("pruned", "count"),
        Column("diverged", "count"),
        Column("best", "metric"),
        Column("best trial", "count"),
        Column("expected best", "metric"),
        Column("its 95 % interval", "interval"),
        Column("median", "metric"),
        Column("seconds per epoch", "seconds"),
    )
    found = [_expected(stage, trials, budget) if enough else None for _, trials in groups]
    rows = tuple(
        (label, *_row(stage, trials, expected))
        for (label, trials), expected in zip(groups, found, strict=True)
    )
    sources = tuple(tuple(trial.number for trial in trials) for _, trials in groups)
    note = f"expected best: of {budget} trials of each level."
    table = Table("", columns, rows, (note,) if enough else (), trials=sources)
    return table.without(
        *_unused(stage), *(() if enough else ("expected best", "its 95 % interval"))
    )


def _unused(stage: StageResults) -> Iterator[str]:
    """The columns that no factor needs, so that all tables have the same."""
    if not stage.tally.pruned:
        yield "pruned"
    if not stage.tally.diverged:
        yield "diverged"
    if all(trial.seconds_per_epoch is None for trial in stage.trained):
        yield "seconds per epoch"


def _row(
    stage: StageResults, trials: Sequence[TrialResult], expected: ExpectedBest | None
) -> tuple[Any, ...]:
    rank = stage.info.rank
    known = [(t.value, t.number) for t in trials if t.ending == "completed" and t.value is not None]
    best, number = min(known, key=lambda of: (rank(of[0]), of[1]), default=(None, None))
    paces = [trial.seconds_per_epoch for trial in trials if trial.seconds_per_epoch is not None]
    return (
        len(trials),
        sum(trial.ending == "pruned" for trial in trials),
        sum(trial.ending == "diverged" for trial in trials),
        best,
        number,
        expected.value if expected else None,
        (expected.low, expected.high) if expected and expected.low is not None else None,
        median(value for value, _ in known) if known else None,
        median(paces) if paces else None,
    )


def _expected(stage: StageResults, trials: Sequence[TrialResult], budget: int) -> ExpectedBest:
    """The expected best of so many of a level's trials; a diverged one is as the worst of all."""
    worst = outcome(stage.judged[-1]) if stage.judged else None
    return expected_best(_draws(trials), budget, stage.info.direction, worst=worst)


def _draws(trials: Sequence[TrialResult]) -> list[float]:
    """What each trial came to; NaN for a diverged one."""
    found = [math.nan if trial.ending == "diverged" else outcome(trial) for trial in trials]
    return [value for value in found if value is not None]
