"""The metric against another objective or the training time, and which trials nothing beats."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from optisearch.objectives import TO_TARGET, Objective
from optisearch.reading import StageInfo, StageResults, TrialResult
from optisearch.reading.measures import measured
from optisearch.record import SECONDS
from optisearch.report import format as fmt
from optisearch.report.figure import Axis, Curve, Curves
from optisearch.report.figures.shared import (
    MOST_POINTS,
    completed,
    cut_note,
    finite,
    groups,
    metric_axis,
    thinning_note,
)
from optisearch.report.pareto_front import kind
from optisearch.statistics import front as not_dominated

# From so many times the least to the most on, costs are shown by their logarithms.
_WIDE = 10
_NAMED = 5
_BUSY = "Times were measured beside whatever else ran on the machine."
_TIME = Objective(SECONDS)


def figures(stage: StageResults, *, most: int = MOST_POINTS) -> tuple[Curves, ...]:
    """The training time; none with fewer than two completed trials of a known time, or where it is
    an objective.

    Args:
        stage: The stage.
        most: How many trials are drawn at most, beside those of the front.
    """
    if SECONDS in (each.name for each in stage.info.others):
        return ()
    return _against(_TIME, stage, stage.ended("completed"), most)


def of_objectives(stage: StageResults, *, most: int = MOST_POINTS) -> tuple[Curves, ...]:
    """Two objectives; none with fewer than two completed trials.

    Args:
        stage: The stage.
        most: How many trials are drawn at most, beside those of the front.
    """
    if len(stage.info.others) != 1:
        return ()
    return _against(stage.info.others[0], stage, stage.ended("completed", "pruned"), most)


def _against(
    other: Objective, stage: StageResults, trials: Sequence[TrialResult], most: int
) -> tuple[Curves, ...]:
    places = {trial.number: _place(trial, other, stage.info) for trial in trials}
    at = {number: place for number, place in places.items() if place is not None}
    placed = [trial for trial in trials if trial.number in at]
    known = [trial for trial in placed if trial.ending == "completed"]
    if len(known) < 2:
        return ()
    ahead = _front(known, at, other, stage.info)
    y_axis = metric_axis(stage.info, completed(stage))
    if y_axis.span and other.name != SECONDS:  # the whole front, whatever it takes
        shown = (*y_axis.span, *(trial.value or 0.0 for trial in ahead))
        y_axis = replace(y_axis, span=(min(shown), max(shown)))
    name = _name(other)
    wide = other.is_cost and 0 < _WIDE * min(at.values()) < max(at.values())
    busy = (_BUSY,) if kind(other) == "seconds" else ()
    return (
        Curves(
            title=f"{stage.info.metric} against {name}",
            summary=_summary(other, stage.info, at, len(known), ahead),
            notes=(*busy, *cut_note(y_axis), *thinning_note(len(placed), most)),
            x=Axis(name, kind(other), log=wide, better=_better(other)),
            y=y_axis,
            curves=(_line(ahead, at, other),),
            points=groups(stage, placed, at, most=most, kept=[each.number for each in ahead]),
        ),
    )


def _better(other: Objective) -> Literal["higher", "lower", ""]:
    if other.name == SECONDS:
        return ""
    return "higher" if other.maximize else "lower"


def _place(trial: TrialResult, other: Objective, info: StageInfo) -> float | None:
    """Where a trial lies; a pruned one by what its epochs cost."""
    names = [each.name for each in info.objectives]
    if trial.ending == "completed" and other.name in names:
        return finite(trial.values[names.index(other.name)])
    if other.name in TO_TARGET:
        found = measured(
            trial, other.name, metric=info.metric, maximize=info.maximize, target=other.target
        )
        return finite(found)
    return finite(getattr(trial, other.name) if other.is_cost else trial.metrics.get(other.name))


def _front(
    known: Sequence[TrialResult], at: Mapping[int, float], other: Objective, info: StageInfo
) -> list[TrialResult]:
    """Those that none dominates, in the order of their places."""
    losses = [(other.loss(at[t.number]), info.rank(t.value or 0.0)) for t in known]
    ahead = [known[index] for index in not_dominated(losses)]
    return sorted(ahead, key=lambda trial: (at[trial.number], trial.number))


def _line(ahead: Sequence[TrialResult], at: Mapping[int, float], other: Objective) -> Curve:
    """The best that is to be had within so much: it holds up to the next on the front."""
    x, y = [at[trial.number] for trial in ahead], [trial.value for trial in ahead]
    least, most = min(at.values()), max(at.values())
    if other.maximize:  # what is to be had with more is to be had with less
        x, y = [min(least, x[0]), *x], [*y, y[-1]]
    elif x[-1] < most:
        x, y = [*x, most], [*y, y[-1]]
    what = "the best within so much time" if other.name == SECONDS else "what nothing beats in both"
    numbers = tuple(trial.number for trial in ahead)
    return Curve(
        f"Pareto front: {what}", tuple(x), tuple(y), role="best", steps=True, trials=numbers
    )


def _summary(
    other: Objective,
    info: StageInfo,
    at: Mapping[int, float],
    completed_trials: int,
    ahead: Sequence[TrialResult],
) -> str:
    def told(trial: TrialResult) -> str:
        place = at[trial.number]
        cost = fmt.cell(int(place) if kind(other) == "count" else place, kind(other))
        where = f"in {cost}" if other.name == SECONDS else f"at {_name(other)} {cost}"
        return f"{fmt.metric(trial.value or 0.0)} {where} (trial {trial.number})"

    last = "" if len(ahead) <= _NAMED else f"; its last {_NAMED}"
    return (
        f"Of {fmt.amount(completed_trials, 'completed trial')} {fmt.count(len(ahead))} "
        f"{'is' if len(ahead) == 1 else 'are'} beaten by no other one in both {info.metric} and "
        f"{_name(other)}{last}: {fmt.listing([told(trial) for trial in ahead[-_NAMED:]])}."
    )


def _name(other: Objective) -> str:
    return "training time" if other.name == SECONDS else other.name
