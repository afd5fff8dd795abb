"""A comparison's rows: for each level what its cells gave, seed by seed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from optisearch.plan import Cell, Plan, Planned, Tuning
from optisearch.reading.measures import curve, measured
from optisearch.reading.stage import StageResults
from optisearch.reading.trial import TrialResult


@dataclass(frozen=True)
class LevelResults:
    """One row.

    Attributes:
        level: The compared factor's value.
        point: The settings it was trained at; None where its tuning hasn't come to a choice.
        trials: Seed → the trial that counts, completed or diverged.
        failed: The trials whose cells were given up, and those that failed so far.
        planned: How many seeds it is to have.
        tuning: How it was tuned, in the tuned half.
    """

    level: Any
    point: Mapping[str, Any] | None
    trials: Mapping[int, TrialResult] = field(default_factory=dict)
    failed: tuple[TrialResult, ...] = ()
    planned: int = 0
    tuning: Tuning | None = None

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the trials that the row is computed from."""
        return tuple(trial.number for trial in self.trials.values())


@dataclass(frozen=True)
class ComparisonResults:
    """One comparison, at the settings as they stand or tuned.

    Attributes:
        planned: What is compared.
        tuned: Which half this is.
        levels: The rows.
        reference: The level that the others are compared to: the baseline where it is one of them,
            else the first.
        is_baseline: Whether the reference is the baseline's level.
        metric: The study's metric.
        maximize: Whether more of that is better.
        target: What `epochs_to_target` waits for; None where nothing is known yet.
    """

    planned: Planned
    tuned: bool
    levels: tuple[LevelResults, ...]
    reference: Any
    is_baseline: bool
    metric: str
    maximize: bool
    target: float | None

    def values(self, measure: str = "") -> dict[Any, dict[int, float]]:
        """Level → seed → measured value: NaN where it diverged, infinity where a target wasn't
        reached. What wasn't recorded is left out.

        Args:
            measure: By default the comparison's own.
        """
        return {
            row.level: {
                seed: value
                for seed, trial in row.trials.items()
                if (value := self.value(trial, row.level, measure)) is not None
            }
            for row in self.levels
        }

    def value(self, trial: TrialResult, level: Any, measure: str = "") -> float | None:
        """One number of a trial, read where the level says."""
        return measured(
            trial,
            measure or self.planned.measure,
            metric=self.metric,
            maximize=self.maximize,
            epochs=level if self.planned.reads_one_run else None,
            target=self.target,
        )


def comparisons(stage: StageResults) -> tuple[ComparisonResults, ...]:
    """All comparisons of a compare stage, each with its halves."""
    plan = stage.plan
    if not isinstance(plan, Plan):
        return ()
    return tuple(
        _results(stage, plan, planned, tuned=tuned)
        for planned in plan.comparisons
        for tuned in ((False, True) if planned.tune else (False,))
    )


def _results(
    stage: StageResults, plan: Plan, planned: Planned, *, tuned: bool
) -> ComparisonResults:
    info = stage.info
    rows = []
    for level in planned.levels:
        tuning = plan.tuning(planned, level, stage.ledger) if tuned else None
        chosen = tuning.chosen if tuning is not None else {}
        cells = [] if chosen is None else plan.repeats(planned, level, chosen)
        rows.append(_row(stage, level, cells, tuning))
    baseline = next(f.baseline for f in info.factors if f.name == planned.factor)
    is_baseline = baseline in planned.levels
    target = planned.target
    if target is None:
        target = _default_target(stage, plan, planned)
    return ComparisonResults(
        planned=planned,
        tuned=tuned,
        levels=tuple(rows),
        reference=baseline if is_baseline else planned.levels[0],
        is_baseline=is_baseline,
        metric=info.metric,
        maximize=info.maximize,
        target=target,
    )


def _row(stage: StageResults, level: Any, cells: list[Cell], tuning: Tuning | None) -> LevelResults:
    done = {trial.cell: trial for trial in reversed(stage.trained) if trial.cell is not None}
    trials = {cell.seed: done[cell.key] for cell in cells if cell.key in done}
    searched = cells or (tuning.cells if tuning is not None else ())
    keys = {cell.key for cell in searched} - set(done)
    failed = tuple(trial for trial in stage.ended("failed", "lost") if trial.cell in keys)
    point = cells[0].point if cells else None
    return LevelResults(level, point, trials, failed, len(cells), tuning)


def _default_target(stage: StageResults, plan: Plan, planned: Planned) -> float | None:
    """What the comparison's reference at the settings as they stand reaches at half of its epochs,
    on average: neither trivial nor out of reach. The same for both halves."""
    baseline = next(f.baseline for f in stage.info.factors if f.name == planned.factor)
    level = baseline if baseline in planned.levels else planned.levels[0]
    row = _row(stage, level, plan.repeats(planned, level), None)
    reached = []
    for trial in row.trials.values():
        values = curve(trial, stage.info.metric)
        if values and trial.ending == "completed":
            half = (max(values) + 1) // 2
            reached.append(values.get(half, math.nan))
    known = [value for value in reached if math.isfinite(value)]
    return fmean(known) if known else None
