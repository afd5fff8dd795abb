"""What is measured of a trial, by name."""

import math
from collections.abc import Mapping

from optisearch.objectives import COSTS, EPOCHS_TO_TARGET, TO_TARGET, Objective, until_target
from optisearch.reading.trial import TrialResult
from optisearch.record import BEST_PREFIX

TIMES = frozenset({"seconds", "seconds_per_epoch", "seconds_to_target"})
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
    return measure not in COSTS and measure.removeprefix("val_") not in _ERRORS


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
        if target is None:
            return None
        monitored = Objective(metric, "maximize" if maximize else "minimize")
        count, seconds = until_target(rows, monitored, target)
        return count if measure == EPOCHS_TO_TARGET else seconds
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
