"""How the search went: each trial's value, and the best so far."""

from optisearch.reading import StageResults
from optisearch.report import format as fmt
from optisearch.report.figure import Axis, Curve, Curves
from optisearch.report.figures.shared import (
    completed,
    cut_note,
    groups,
    metric_axis,
    thinning_note,
)


def figures(stage: StageResults) -> tuple[Curves, ...]:
    """All trained trials in their order; none with fewer than two completed ones."""
    if len(stage.ranked) < 2:
        return ()
    improved, last = stage.best_so_far, max(trial.number for trial in stage.trained)
    x = [float(trial.number) for trial in improved]
    y = [trial.value for trial in improved]
    line = Curve(
        "best so far",
        (*x, float(last)) if x[-1] < last else tuple(x),
        (*y, y[-1]) if x[-1] < last else tuple(y),
        role="best",
        steps=True,
        trials=tuple(trial.number for trial in improved),
    )
    first, best = improved[0], improved[-1]
    summary = (
        f"{fmt.amount(len(stage.trained), 'trained trial')} in their order. The best so far began "
        f"at {fmt.metric(y[0] or 0.0)} in trial {first.number}; {fmt.metric(y[-1] or 0.0)} was "
        f"reached in trial {best.number}."
    )
    y_axis = metric_axis(stage.info, completed(stage))
    places = {trial.number: float(trial.number) for trial in stage.trained}
    return (
        Curves(
            title="The search, trial by trial",
            summary=summary,
            notes=(*cut_note(y_axis), *thinning_note(len(places))),
            x=Axis("trial", "count"),
            y=y_axis,
            curves=(line,),
            points=groups(stage, stage.trained, places),
        ),
    )
