"""The value of every trial against each factor: the Tuning Playbook's basic axis plots.

Does the best lie inside the range, or at its edge? Was the range covered? Is there a pattern?
https://developers.google.com/machine-learning/guides/deep-learning-tuning-playbook
"""

from optisearch.reading import FactorInfo, StageResults
from optisearch.report import format as fmt
from optisearch.report.bins import levels
from optisearch.report.figure import Scatter
from optisearch.report.figures.shared import (
    completed,
    cut_note,
    factor_axis,
    groups,
    metric_axis,
    position,
    thinning_note,
)

_FEWEST = 3


def figures(stage: StageResults) -> tuple[Scatter, ...]:
    """One for each factor that at least three trained trials had."""
    found = (_figure(stage, factor) for factor in stage.info.factors)
    return tuple(figure for figure in found if figure)


def _figure(stage: StageResults, factor: FactorInfo) -> Scatter | None:
    places = {
        trial.number: place
        for trial in stage.trained
        if (place := position(factor, trial)) is not None
    }
    if len(places) < _FEWEST:
        return None
    shown = groups(stage, stage.trained, places)
    best = next((trial for trial in stage.ranked if trial.number in places), None)
    where = ""
    if best is not None and best.value is not None:
        at = fmt.setting(best.params[factor.name])
        where = f" The best, {fmt.metric(best.value)}, lies at {at}."
    placed = [trial for trial in stage.trained if trial.number in places]
    visited = levels(factor, [trial.params[factor.name] for trial in placed])
    counts = fmt.listing([f"{level.label}: {len(level.members)}" for level in visited])
    y_axis = metric_axis(stage.info, completed(stage))  # one scale for all factors
    return Scatter(
        title=factor.name,
        summary=(
            f"{stage.info.metric} of {fmt.amount(len(places), 'trial')} against {factor.name}."
            f"{where} Trials by value: {counts}."
        ),
        notes=(*cut_note(y_axis), *thinning_note(len(places))),
        small=True,
        x=factor_axis(factor),
        y=y_axis,
        groups=shown,
    )
