"""What several figures of a search show alike: the metric's axis, a trial's epochs, its role."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from optisearch.reading import FactorInfo, StageInfo, StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report.figure import Axis, Points, Role

# So many values are needed to tell the usual ones from the outliers.
_FEW = 8
# Of the values, this part is shown in any case; the others are too if they lie no further from
# the best than so many times as far.
_USUAL, _REACH = 0.75, 3.0
# More points than these hide each other, and make a page slow.
MOST_POINTS, _BEST = 1500, 10


def metric_axis(info: StageInfo, values: Iterable[float | None]) -> Axis:
    """The axis of the monitored metric, cut where a few bad values would flatten all others.

    Args:
        info: The stage.
        values: Those that decide: not the ones of pruned trials, which are bad by their nature.
    """
    axis = Axis(info.metric, "metric", better="higher" if info.maximize else "lower")
    ranked = sorted((value for value in values if value is not None), key=info.rank)
    if len(ranked) < _FEW:
        return axis
    best, usual, worst = ranked[0], ranked[math.ceil(_USUAL * len(ranked)) - 1], ranked[-1]
    if abs(worst - best) <= _REACH * abs(usual - best):
        return axis
    return replace(axis, span=(min(best, usual), max(best, usual)))


def cut_note(axis: Axis) -> tuple[str, ...]:
    """What the arrows at a cut axis's edge are."""
    return ("Arrows at the edge: trials beyond it.",) if axis.span else ()


def factor_axis(factor: FactorInfo) -> Axis:
    """The axis of a factor's values."""
    if factor.kind == "choice":
        return Axis(factor.name, levels=tuple(fmt.setting(option) for option in factor.options))
    return Axis(factor.name, log=factor.log)


def position(factor: FactorInfo, trial: TrialResult) -> float | str | None:
    """Where a trial lies on its factor's axis; None where the factor was switched off."""
    value = trial.params.get(factor.name)
    if value is None:
        return None
    if factor.kind == "choice":
        return fmt.setting(value)
    return finite(value)


def completed(stage: StageResults) -> tuple[float | None, ...]:
    """The values of the completed trials."""
    return tuple(finite(trial.value) for trial in stage.ranked)


def outcome(trial: TrialResult) -> float | None:
    """The value of a completed trial, the last value of a pruned one, else None."""
    return finite(trial.value if trial.ending == "completed" else trial.last_value)


def finite(value: Any) -> float | None:
    """The number, or None where it is none: "nan" is how a history writes one that isn't finite."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def epochs(trial: TrialResult) -> tuple[float, ...]:
    """The epochs in a trial's history, counted from 1."""
    return tuple(float(row["epoch"]) + 1 for row in trial.history)


def recorded(history: Sequence[Mapping[str, Any]], metric: str) -> tuple[float | None, ...]:
    """A metric at each epoch of a history."""
    return tuple(finite(row.get(metric)) for row in history)


def groups(
    stage: StageResults,
    trials: Iterable[TrialResult],
    x: Mapping[int, float | str],
    *,
    most: int = MOST_POINTS,
    kept: Collection[int] = (),
) -> tuple[Points, ...]:
    """Trials as points of a scatter plot, in groups by how they ended.

    Args:
        stage: Their stage.
        trials: Trained ones.
        x: Where each lies, by number; those without a place are left out.
        most: How many are drawn at most.
        kept: The numbers of those that are drawn in any case.
    """
    names: dict[Role, str] = {
        "best": "best",
        "baseline": "baseline",
        "plain": "completed",
        "pruned": "pruned, at its last epoch",
        "diverged": "diverged",
    }
    found: dict[Role, list[TrialResult]] = {role: [] for role in names}
    placed = [trial for trial in trials if trial.number in x]
    for trial in drawn(stage, placed, most, kept):
        found[role_of(stage, trial)].append(trial)
    return tuple(
        Points(
            names[role],
            tuple(x[trial.number] for trial in members),
            tuple(None if role == "diverged" else outcome(trial) for trial in members),
            tuple(trial.number for trial in members),
            role=role,
        )
        for role, members in found.items()
        if members
    )


def drawn(
    stage: StageResults,
    trials: Sequence[TrialResult],
    most: int = MOST_POINTS,
    kept: Collection[int] = (),
) -> Sequence[TrialResult]:
    """As many trials as can be told apart: an even part of them, the best ten and the baseline.

    Args:
        stage: Their stage.
        trials: The trials.
        most: How many can.
        kept: The numbers of those that are drawn as well.
    """
    if len(trials) <= most:
        return trials
    shown = {trial.number for trial in (*stage.ranked[:_BEST], stage.baseline) if trial}
    shown |= {trials[len(trials) * at // most].number for at in range(most)}
    return [trial for trial in trials if trial.number in shown.union(kept)]


def thinning_note(trials: int, most: int = MOST_POINTS) -> tuple[str, ...]:
    """What of so many trials is drawn, if not all of them."""
    if trials <= most:
        return ()
    told = fmt.count(most)
    spread = f"Where there are more than {told} trials, so many are drawn, evenly over the search"
    return (f"{spread}, and in any case the best {_BEST} and the baseline.",)


def role_of(stage: StageResults, trial: TrialResult) -> Role:
    """What a trained trial stands for. The best may be the baseline: then it is the best."""
    if trial is stage.best:
        return "best"
    if trial is stage.baseline:
        return "baseline"
    if trial.ending == "pruned":
        return "pruned"
    return "diverged" if trial.ending == "diverged" else "plain"
