"""The metric against the training time, and which trials no other one beats in both."""

from collections.abc import Sequence

from optisearch.reading import StageInfo, StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report.figure import Axis, Curve, Curves
from optisearch.report.figures.shared import (
    MOST_POINTS,
    completed,
    cut_note,
    groups,
    metric_axis,
    thinning_note,
)

# From so many times the shortest to the longest on, times are shown by their logarithms.
_WIDE = 10
_NAMED = 5
_BUSY = "Times were measured beside whatever else ran on the machine."


def figures(stage: StageResults, *, most: int = MOST_POINTS) -> tuple[Curves, ...]:
    """None with fewer than two completed trials of a known time.

    Args:
        stage: The stage.
        most: How many trials are drawn at most, beside those of the front.
    """
    timed = [trial for trial in stage.ended("completed") if trial.seconds is not None]
    if len(timed) < 2:
        return ()
    times = {trial.number: trial.seconds or 0.0 for trial in timed}
    ahead = front(timed, stage.info)
    y_axis = metric_axis(stage.info, completed(stage))
    kept = [trial.number for trial in ahead]
    longest = max(times.values())
    x, y = [times[number] for number in kept], [trial.value for trial in ahead]
    line = Curve(
        "Pareto front: the best within so much time",
        (*x, longest) if x[-1] < longest else tuple(x),
        (*y, y[-1]) if x[-1] < longest else tuple(y),
        role="best",
        steps=True,
        trials=tuple(kept),
    )
    return (
        Curves(
            title=f"{stage.info.metric} against training time",
            summary=_summary(stage.info, timed, ahead),
            notes=(_BUSY, *cut_note(y_axis), *thinning_note(len(timed), most)),
            x=Axis("training time", "seconds", log=0 < _WIDE * min(times.values()) < longest),
            y=y_axis,
            curves=(line,),
            points=groups(stage, timed, times, most=most, kept=kept),
        ),
    )


def front(trials: Sequence[TrialResult], info: StageInfo) -> list[TrialResult]:
    """The trials that no other one dominates, the quickest first.

    One dominates another if it is at least as good and at least as quick, and better or quicker.

    Args:
        trials: Completed ones of a known time.
        info: Which values are better.
    """

    def cost(trial: TrialResult) -> tuple[float, float]:
        assert trial.seconds is not None
        assert trial.value is not None
        return trial.seconds, info.rank(trial.value)

    found: list[TrialResult] = []
    for trial in sorted(trials, key=lambda each: (*cost(each), each.number)):
        if not found or cost(trial)[1] < cost(found[-1])[1] or cost(trial) == cost(found[-1]):
            found.append(trial)
    return found


def _summary(info: StageInfo, timed: Sequence[TrialResult], ahead: Sequence[TrialResult]) -> str:
    told = [
        f"{fmt.metric(trial.value or 0.0)} in {fmt.seconds(trial.seconds or 0.0)} "
        f"(trial {trial.number})"
        for trial in ahead[-_NAMED:]
    ]
    last = "" if len(ahead) <= _NAMED else f"; its last {_NAMED}"
    return (
        f"Of {fmt.amount(len(timed), 'completed trial')} {fmt.count(len(ahead))} "
        f"{'is' if len(ahead) == 1 else 'are'} beaten by no other one in both {info.metric} and "
        f"training time{last}: {fmt.listing(told)}."
    )
