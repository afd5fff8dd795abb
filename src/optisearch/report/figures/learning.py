"""The metric over the epochs: the best trials, the baseline, and the others as a band."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from statistics import median, quantiles

from optisearch.reading import StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report.figure import Axis, Curve, Curves
from optisearch.report.figures.shared import epochs, metric_axis, recorded

_SHOWN = 4
# Fewer others have no quartiles worth a band.
_ENOUGH = 4


def figures(stage: StageResults) -> tuple[Curves, ...]:
    """None without a recorded history of at least two epochs."""
    metric = stage.info.metric
    told = [trial for trial in stage.ranked if any(v is not None for v in _values(trial, metric))]
    shown, baseline = told[:_SHOWN], stage.baseline
    if baseline in told and baseline not in shown:
        shown.append(baseline)
    if max((len(trial.history) for trial in shown), default=0) < 2:
        return ()
    curves = [_curve(stage, trial) for trial in shown]
    numbers = {trial.number for trial in shown}
    rest = _rest([trial for trial in told if trial.number not in numbers], metric)
    notes = []
    if rest:
        notes.append(
            f"The band holds the middle half of the {len(rest.trials)} other completed trials, the "
            f"line in it is their median; it ends where fewer than {_ENOUGH} trained so long."
        )
    best = shown[0]
    summary = (
        f"{metric} by epoch for {fmt.listing([curve.name for curve in curves])}. "
        f"Trial {best.number} ended at {fmt.metric(best.value or 0.0)} "
        f"after {fmt.amount(len(best.history), 'epoch')}."
    )
    return (
        Curves(
            title="Learning curves",
            summary=summary,
            notes=tuple(notes),
            x=Axis("epoch", "count"),
            y=_axis(stage, curves),
            curves=(*curves, rest) if rest else tuple(curves),
        ),
    )


def _axis(stage: StageResults, curves: Sequence[Curve]) -> Axis:
    """Without the first epochs, which are bad in every trial; with the end of each curve."""
    values = [value for curve in curves for value in curve.y[len(curve.y) // 4 :]]
    axis = metric_axis(stage.info, values)
    if axis.span is None:
        return axis
    ends = [curve.y[-1] for curve in curves if curve.y[-1] is not None]
    return replace(axis, span=(min(*axis.span, *ends), max(*axis.span, *ends)))


def _values(trial: TrialResult, metric: str) -> tuple[float | None, ...]:
    return recorded(trial.history, metric)


def _curve(stage: StageResults, trial: TrialResult) -> Curve:
    name, number = f"trial {trial.number}", (trial.number,)
    x, y = epochs(trial), _values(trial, stage.info.metric)
    if trial is stage.best:
        suffix = ", also the baseline" if trial is stage.baseline else ""
        return Curve(f"{name}, the best{suffix}", x, y, role="best", trials=number)
    if trial is stage.baseline:
        return Curve(f"{name}, the baseline", x, y, role="baseline", trials=number)
    return Curve(name, x, y, trials=number)


def _rest(trials: Sequence[TrialResult], metric: str) -> Curve | None:
    at: defaultdict[float, list[float]] = defaultdict(list)
    for trial in trials:
        for epoch, value in zip(epochs(trial), _values(trial, metric), strict=True):
            if value is not None:
                at[epoch].append(value)
    x = sorted(epoch for epoch, values in at.items() if len(values) >= _ENOUGH)
    if not x:
        return None
    cuts = [quantiles(at[epoch], n=4, method="inclusive") for epoch in x]
    return Curve(
        "the others",
        tuple(x),
        tuple(median(at[epoch]) for epoch in x),
        low=tuple(cut[0] for cut in cuts),
        high=tuple(cut[2] for cut in cuts),
        role="context",
        trials=tuple(sorted(trial.number for trial in trials)),
    )
