"""The best of each level of a factor, at equal budget: the Tuning Playbook's isolation plots.

The Playbook compares the best trial of each level. A level that was visited more often has had
more chances of a good one: the expected best of equally many trials is fairer, and has an interval.
https://developers.google.com/machine-learning/guides/deep-learning-tuning-playbook
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from optisearch.reading import FactorInfo, StageInfo, StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report.bins import Level, levels
from optisearch.report.figure import Axis, Bar, Bars
from optisearch.report.figures.shared import outcome
from optisearch.statistics import equal_budget, expected_best

# At a budget of 1 it would be the mean, in which pruned trials weigh as much as others.
_SMALLEST = 2
_EXPECTED = (
    "Dots: the expected best of equally many trials of each level, with its 95 % interval; marks: "
    "the best trial. Pruned trials count with their last value, diverged ones with the worst."
)
_BEST = (
    "Dots: the best trial of each level. Levels with more trials had more chances of a good one."
)
_CAVEAT = "The sampler chose the trials: these are observations, not controlled comparisons."


def figures(stage: StageResults) -> tuple[Bars, ...]:
    """One for each factor with at least two levels that were trained."""
    found = (_figure(stage, factor) for factor in stage.info.factors)
    return tuple(figure for figure in found if figure)


def _figure(stage: StageResults, factor: FactorInfo) -> Bars | None:
    info = stage.info
    known = [trial for trial in stage.trained if _counts(trial) and factor.name in trial.params]
    visited = [
        level
        for level in levels(factor, [trial.params[factor.name] for trial in known])
        if level.members
    ]
    worst = outcome(stage.judged[-1]) if stage.judged else None
    if len(visited) < 2 or worst is None:
        return None
    budget = equal_budget(len(level.members) for level in visited)
    enough = budget >= _SMALLEST
    if enough:
        bars = tuple(_expected(stage, known, level, budget, worst) for level in visited)
    else:
        bars = tuple(_best(stage, known, level) for level in visited)
    judged = [bar for bar in bars if bar.value is not None]
    if not judged:
        return None
    top = min(judged, key=lambda bar: info.rank(bar.value or 0.0))
    words = f"expected best of {budget} trials" if enough else "best trial"
    return Bars(
        title=f"{factor.name}: the {words}",
        summary=(
            f"The {words}, by {factor.name}: "
            + fmt.listing([f"{bar.label} {fmt.metric(bar.value or 0.0)}" for bar in judged])
            + f". The {'highest' if info.maximize else 'lowest'}: {top.label}."
        ),
        notes=(_EXPECTED if enough else _BEST, _CAVEAT),
        small=True,
        value=_axis(info, bars),
        bars=bars,
        interval="95 % interval" if enough else "",
        mark="best trial" if enough else "",
    )


def _axis(info: StageInfo, bars: Sequence[Bar]) -> Axis:
    """Wide enough for all dots and marks; an interval of two or three trials may run out of it."""
    shown = [number for bar in bars for number in (bar.value, bar.mark) if number is not None]
    half = (max(shown) - min(shown)) / 2
    span = (min(shown) - half, max(shown) + half) if half else None
    return Axis(info.metric, "metric", better="higher" if info.maximize else "lower", span=span)


def _counts(trial: TrialResult) -> bool:
    return trial.ending == "diverged" or outcome(trial) is not None


def _best(stage: StageResults, known: Sequence[TrialResult], level: Level) -> Bar:
    members = [known[place] for place in level.members]
    completed = [outcome(trial) for trial in members if trial.ending == "completed"]
    ranked = sorted((value for value in completed if value is not None), key=stage.info.rank)
    return Bar(
        level.label,
        ranked[0] if ranked else None,
        role="baseline" if stage.baseline in members else "plain",
        trials=tuple(trial.number for trial in members),
        note=f"of {fmt.amount(len(members), 'trial')}",
    )


def _expected(
    stage: StageResults, known: Sequence[TrialResult], level: Level, budget: int, worst: float
) -> Bar:
    bar = _best(stage, known, level)
    draws = [_draw(known[place]) for place in level.members]
    found = expected_best(draws, budget, stage.info.direction, worst=worst)
    return replace(bar, value=found.value, low=found.low, high=found.high, mark=bar.value)


def _draw(trial: TrialResult) -> float:
    value = None if trial.ending == "diverged" else outcome(trial)
    return math.nan if value is None else value
