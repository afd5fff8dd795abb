"""What a search begins with: each point once, in order, whoever takes it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from optisearch.first_points import FirstPoint, FirstPoints

BASELINE = {"x": 0}
some = st.lists(st.integers(0, 5).map(lambda x: {"x": x}), max_size=8)
carried = some.map(
    lambda points: [FirstPoint(each, "old/search", place) for place, each in enumerate(points)]
)


@given(known=some, before=carried, more=carried)
def test_all_are_handed_out_once_and_the_baseline_is_not(
    known: Any, before: Any, more: Any
) -> None:
    points = FirstPoints(tuple(known)).with_carried(before).with_carried(more)
    taken: list[Any] = []
    while (found := points.next(BASELINE, taken)) is not None:
        taken.append(found.point)
    everything = [*known, *(each.point for each in (*before, *more))]
    in_order = [each for at, each in enumerate(everything) if each not in everything[:at]]
    assert taken == [each for each in in_order if each != BASELINE]
    assert points.next(BASELINE, taken[1:]) == next(iter(points.queue(BASELINE)), None)


@given(known=some, before=carried)
def test_what_is_there_is_not_carried_over_again(known: Any, before: Any) -> None:
    points = FirstPoints(tuple(known)).with_carried(before)
    assert points.with_carried(before) == points


@given(known=some, before=carried)
def test_they_are_stored_as_json(known: Any, before: Any) -> None:
    points = FirstPoints(tuple(known), tuple(before))
    assert FirstPoints.from_stored(json.loads(json.dumps(points.as_dict()))) == points
    assert FirstPoints.from_stored(None) == FirstPoints()


def test_what_the_study_file_knows_comes_first() -> None:
    old = FirstPoint({"x": 2}, "old/search", 7)
    points = FirstPoints(({"x": 3}, {"x": 1}), (old,))
    assert points.queue(BASELINE) == [FirstPoint({"x": 3}), FirstPoint({"x": 1}), old]
    assert [each.origin for each in points.queue(BASELINE)] == [
        *({}, {}),
        {"stage": "old/search", "trial": 7},
    ]
