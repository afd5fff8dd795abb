"""Parallel coordinates: each completed trial as a line through its settings to its value."""

from optisearch.reading import FactorInfo, StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report.figure import Dimension, Parallel
from optisearch.report.figures.shared import factor_axis, finite, metric_axis, position, role_of

# More lines than these hide each other.
_MOST = 500
_FEWEST = 3


def figures(stage: StageResults) -> tuple[Parallel, ...]:
    """None with fewer than three completed trials or two factors that vary."""
    trials = stage.ranked[:_MOST]
    factors = [factor for factor in stage.info.factors if _varies(factor, trials)]
    if len(trials) < _FEWEST or len(factors) < 2:
        return ()
    values = tuple(finite(trial.value) for trial in trials)
    dimensions = [
        Dimension(factor_axis(factor), tuple(position(factor, trial) for trial in trials))
        for factor in factors
    ]
    last = Dimension(metric_axis(stage.info, values), values)
    notes = ["A line ends where a factor was switched off, and goes on behind it."]
    if not any(None in dimension.values for dimension in dimensions):
        notes = []
    if len(stage.ranked) > len(trials):
        notes.append(f"The best {len(trials)} of {fmt.count(len(stage.ranked))} completed trials.")
    return (
        Parallel(
            title="Every completed trial as a line",
            summary=(
                f"{fmt.amount(len(trials), 'trial')} across {fmt.amount(len(factors), 'factor')} "
                f"and {stage.info.metric}. The best, trial {trials[0].number}: "
                f"{fmt.settings(stage.info.ordered(trials[0].params))}."
            ),
            notes=tuple(notes),
            dimensions=(*dimensions, last),
            trials=tuple(trial.number for trial in trials),
            roles=tuple(role_of(stage, trial) for trial in trials),
        ),
    )


def _varies(factor: FactorInfo, trials: tuple[TrialResult, ...]) -> bool:
    return len({position(factor, trial) for trial in trials} - {None}) > 1
