"""Training beside validation over the epochs of the best trial: where they part, it overfits."""

from optisearch.reading import StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report.figure import Axis, Curve, Curves
from optisearch.report.figures.shared import epochs, recorded

_VALIDATION = "val_"


def figures(stage: StageResults) -> tuple[Curves, ...]:
    """The loss and the monitored metric, those of both that were recorded on both parts."""
    best = stage.best
    if best is None or len(best.history) < 2:
        return ()
    names = dict.fromkeys(["loss", stage.info.metric.removeprefix(_VALIDATION)])
    return tuple(figure for name in names if (figure := _figure(best, name)))


def _figure(trial: TrialResult, name: str) -> Curves | None:
    x = epochs(trial)
    training = recorded(trial.history, name)
    validation = recorded(trial.history, _VALIDATION + name)
    if training[-1] is None or validation[-1] is None:
        return None
    number = (trial.number,)
    return Curves(
        title=f"{name} of trial {trial.number}, the best",
        summary=(
            f"After {fmt.amount(len(x), 'epoch')} the {name} is {fmt.metric(training[-1])} in "
            f"training and {fmt.metric(validation[-1])} in validation."
        ),
        small=True,
        x=Axis("epoch", "count"),
        y=Axis(name, "metric"),
        curves=(
            Curve("training", x, training, dashed=True, trials=number),
            Curve("validation", x, validation, role="best", trials=number),
        ),
    )
