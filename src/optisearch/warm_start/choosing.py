"""Which configurations of an earlier study a search begins with: its best, as far as they fit."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from optisearch import space as spaces
from optisearch.errors import OptisearchError
from optisearch.first_points import FirstPoint
from optisearch.reading import StageResults, TrialResult
from optisearch.report import format
from optisearch.space import Number, fitting
from optisearch.space.stored import active_point
from optisearch.warm_start import wording
from optisearch.warm_start.configuration import Configuration, other_kinds

# Two points are near one another when their choices are the same and no number of theirs lies
# further apart than this part of its range.
_NEAR = 0.1
# Of many configurations this part is good enough.
_BEST_PART = 0.25


@dataclass(frozen=True)
class Carried:
    """What an earlier study leaves to a search.

    Attributes:
        points: The points, the best one first.
        told: What isn't as it was there, and what wasn't carried over, in words.
    """

    points: tuple[FirstPoint, ...] = ()
    told: tuple[str, ...] = ()


def carry(
    other: StageResults, space: type, most: int, tried: Iterable[Mapping[str, Any]]
) -> Carried:
    """Choose configurations of a stage for another space.

    Those that fit are taken in the order of what they reached (the mean, where one was trained with
    several seeds), from the best quarter, or the best `most` where that is more. One that is near
    to a better one is left out.

    Args:
        other: The stage.
        space: The space.
        most: How many are wanted.
        tried: Points that the search tries in any case.

    Raises:
        OptisearchError: Nothing can be carried over; says why.
    """
    found = list(_configurations(other, space))
    fits = [each for each in found if not each.fit.misfits]
    if not fits or not any(each.has_anything for each in found):
        raise _nothing(found, other, space)
    known, chosen, near = list(tried), list[Configuration](), list[Configuration]()
    new = [each for each in fits if each.fit.point not in known]
    for each in new[: max(most, math.ceil(_BEST_PART * len(new)))]:
        if len(chosen) < most:
            alike = any(_are_near(each.fit, better.fit) for better in chosen)
            (near if alike else chosen).append(each)
    if not chosen:
        return Carried(told=("nothing to carry over: all is tried in any case",))
    misfits = [each for each in found[: found.index(chosen[-1])] if each.fit.misfits]
    return Carried(
        tuple(FirstPoint(each.fit.point, other.info.name, each.trial) for each in chosen),
        (
            *wording.changes(chosen, other.info, space),
            *wording.misfits(misfits),
            *wording.near(near),
        ),
    )


def _configurations(other: StageResults, space: type) -> Iterator[Configuration]:
    """All that completed, the best first. One that diverged with any seed isn't among them."""
    info, kinds = other.info, other_kinds(other.info, space)
    groups: dict[str, list[TrialResult]] = {}
    for trial in other.ended("completed", "diverged"):
        groups.setdefault(repr(sorted(trial.params.items())), []).append(trial)

    def rank(trial: TrialResult) -> float:
        assert trial.value is not None
        return info.rank(trial.value)

    sound = [group for group in groups.values() if all(t.ending == "completed" for t in group)]
    for group in sorted(sound, key=lambda group: (fmean(map(rank, group)), group[0].number)):
        best = min(group, key=rank)
        values = _values(best, other)
        same = {name: value for name, value in values.items() if name not in kinds}
        yield Configuration(best.number, values, fitting.fit(space, same))


def _values(trial: TrialResult, other: StageResults) -> dict[str, Any]:
    """All that a trial was trained with: its parameters, and what wasn't searched."""
    info = other.info
    unsearched = {factor.name for factor in info.factors if not factor.searched}
    at = active_point(info.factors, trial.params, info.fixed)
    return {**info.fixed, **{k: v for k, v in at.items() if k in unsearched}, **trial.params}


def _are_near(one: fitting.Fit, other: fitting.Fit) -> bool:
    if one.point.keys() != other.point.keys():
        return False
    return all(
        _apart(factor, one.point[name], other.point[name]) <= _NEAR
        if isinstance(factor, Number)
        else one.point[name] == other.point[name]
        for name, factor in one.factors.items()
    )


def _apart(factor: Number, one: float, other: float) -> float:
    """How far two values are apart, as a part of the range, which may be one in logarithms."""
    if one == other:
        return 0.0
    ends = (factor.low, factor.high, one, other)
    low, high, a, b = map(math.log, ends) if factor.log else ends
    return abs(a - b) / (high - low)


def _nothing(found: list[Configuration], other: StageResults, space: type) -> OptisearchError:
    """Why nothing can be carried over."""
    info = other.info
    if not found:
        remedy = f"Search it first: optisearch run {info.file}" if info.file else "Name another one"
        return OptisearchError("no trial of it has completed", where=info.name, remedy=remedy)
    if not any(each.has_anything for each in found):
        here = ", ".join(spaces.factors(space)) or "what its `suggest` asks for"
        there = ", ".join(factor.name for factor in info.factors) or "none"
        return OptisearchError(
            "nothing of it has a place in this study, by name and kind",
            where=info.name,
            remedy=f"Its factors are {there}; this study's are {here}. Leave --from out",
        )
    return OptisearchError(
        f"none of its {format.amount(len(found), 'configuration')} can be had in this study",
        where=info.name,
        remedy=f"Change the ranges of {space.__name__}, or leave --from out",
        detail="\n".join(f"  {sentence}" for sentence in wording.misfits(found)),
    )
