"""What a search stores of the points that it begins with, and how that is told."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from optisearch import known, record
from optisearch.errors import Difference, MismatchError
from optisearch.first_points import FirstPoint, FirstPoints
from optisearch.report import format
from optisearch.stage import Stage
from optisearch.study import Study
from optisearch.warm_start.choosing import Carried


def first_points_for(
    study: Study, where: str, carried: Carried, *, redefine: bool
) -> Callable[[int, Mapping[str, Any]], dict[str, Any]]:
    """What a search stores of the points that it begins with; see `joining.open_stage`.

    Args:
        study: The study.
        where: Its file, for people.
        carried: What is carried over now; what was before stays.
        redefine: Whether configurations that the file knows now, and the stored stage not, replace
            the stored ones. A worker that joins is refused instead: all go by the same.
    """
    given = tuple(known.points(study.known, study.space))

    def planned(_study_seed: int, stored: Mapping[str, Any]) -> dict[str, Any]:
        before = FirstPoints.from_stored(stored.get(record.FIRST_POINTS))
        if given != before.known and record.MANIFEST in stored and not redefine:
            raise MismatchError(
                "the study file knows other configurations than are stored",
                list(_differences(before.known, given)),
                where=where,
                remedy=f"optisearch run {where} replaces them; trials of them are kept",
            )
        after = FirstPoints(given, before.carried).with_carried(carried.points)
        if after == FirstPoints() and record.FIRST_POINTS not in stored:
            return {}
        return {record.FIRST_POINTS: after.as_dict()}

    return planned


def begins(stage: Stage, told: Sequence[str] = ()) -> list[str]:
    """What a search begins with, and how much of that is still to come, in words.

    Args:
        stage: The stage.
        told: What else is said of what was carried over.
    """
    points = FirstPoints.from_stored(stage.stored().get(record.FIRST_POINTS))
    queue = points.queue(stage.baseline)
    if not queue:
        return list(told)
    trials = stage.trials()
    given = [t.system_attrs[record.FIXED_PARAMS] for t in trials if record.GIVEN in t.system_attrs]
    ahead = [each for each in queue if each.point not in given]
    first = ["the baseline"] if stage.baseline else []
    said = [", ".join([*first, *_origins(queue)]), *told]
    room = max(0, (stage.budget.trials or 0) - max(stage.trained(), len(first)))
    if len(ahead) < len(queue):
        said.append(f"{len(ahead) or 'none'} of these {len(queue)} still to be tried")
    if room < len(ahead):
        said.append(f"the budget leaves room for {room or 'none'} of them")
    return said


def _origins(queue: Sequence[FirstPoint]) -> Iterator[str]:
    """`2 of the study file, 3 of digits/search (trials 4, 7, 12)`."""
    for stage, count in Counter(each.stage for each in queue).items():
        numbers = format.numbers(
            each.trial for each in queue if each.stage == stage and each.trial is not None
        )
        word = "trial" if count == 1 else "trials"
        yield f"{count} of {stage} ({word} {numbers})" if stage else f"{count} of the study file"


def _differences(
    before: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    for place, pair in enumerate(zip_longest(before, given)):
        if pair[0] != pair[1]:
            texts = ("nothing" if each is None else format.settings(each.items()) for each in pair)
            yield Difference(f"known[{place}]", *texts)
