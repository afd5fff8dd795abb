"""What is measured of a trial, by name."""

import math
from collections.abc import Mapping
from typing import Any

from optisearch.reading.trial import TrialResult
from optisearch.record import BEST_PREFIX

TIMES = frozenset({"seconds", "seconds_per_epoch", "seconds_to_target"})
TO_TARGET = frozenset({"epochs_to_target", "seconds_to_target"})
# Of these less is better; of any other measure it depends on the metric.
_LESS_IS_BETTER = frozenset({*TIMES, *TO_TARGET, "parameters"})
_ERRORS = frozenset({"loss", "mse", "mae"})


def is_time(measure: str) -> bool:
    """Whether a measure is in seconds: such are compared as ratios."""
    return measure in TIMES


def more_is_better(measure: str, metric: str, *, maximize: bool) -> bool:
    """Whether more of a measure is better.

    Args:
        measure: What is measured.
        metric: The study's metric.
        maximize: Whether more of that is better.
    """
    if measure in {metric, f"{BEST_PREFIX}{metric}"}:
        return maximize
    return measure not in _LESS_IS_BETTER and measure.removeprefix("val_") not in _ERRORS


def measured(  # noqa: PLR0911  # one line for each measure
    trial: TrialResult,
    measure: str,
    *,
    metric: str,
    maximize: bool,
    epochs: int | None = None,
    target: float | None = None,
) -> float | None:
    """One number of a trial.

    Args:
        trial: A completed or diverged trial.
        measure: See `Comparison.measure`.
        metric: The study's metric.
        maximize: Whether more of it is better.
        epochs: Read after so many epochs; by default after the last.
        target: The value of the metric that is to be reached.

    Returns:
        The number; NaN where the trial diverged; infinity where a target wasn't reached; None where
        it wasn't recorded.
    """
    if measure == "parameters":
        return None if trial.parameters is None else float(trial.parameters)
    rows = trial.history if epochs is None else trial.history[:epochs]
    if measure in TO_TARGET:
        return _to_target(rows, measure, metric, target, maximize=maximize)
    if trial.ending == "diverged":
        return math.nan
    if not rows or (epochs is not None and len(rows) < epochs):
        return None
    if measure == "seconds":
        return trial.seconds if epochs is None else sum(float(row["seconds"]) for row in rows)
    if measure == "seconds_per_epoch":
        return trial.seconds_per_epoch
    if measure == f"{BEST_PREFIX}{metric}":
        known = [value for row in rows if (value := number(row.get(metric))) is not None]
        return max(known) if maximize else min(known)
    return number(rows[-1].get(measure))


def _to_target(
    rows: Any, measure: str, metric: str, target: float | None, *, maximize: bool
) -> float | None:
    if target is None:
        return None
    seconds = 0.0
    for count, row in enumerate(rows, start=1):
        seconds += float(row["seconds"])
        value = number(row.get(metric))
        if value is not None and (value >= target if maximize else value <= target):
            return float(count) if measure == "epochs_to_target" else seconds
    return math.inf


def number(stored: object) -> float | None:
    """A number of the history: those that aren't finite are stored as words."""
    if isinstance(stored, int | float):
        return float(stored)
    return float(stored) if isinstance(stored, str) else None


def curve(trial: TrialResult, name: str) -> Mapping[int, float]:
    """A metric over the epochs, counted from 1; what isn't finite is left out."""
    values = {int(row["epoch"]) + 1: number(row.get(name)) for row in trial.history}
    return {
        epoch: value
        for epoch, value in values.items()
        if value is not None and math.isfinite(value)
    }
