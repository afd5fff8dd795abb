"""The Pareto front, against its definition."""

import math

from hypothesis import given
from hypothesis import strategies as st

from optisearch.statistics import front

# Few values, so that many are equal.
LOSS = st.sampled_from([0.0, 1.0, 2.0, 3.0, math.inf])


def dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


@given(st.integers(1, 4).flatmap(lambda count: st.lists(st.tuples(*[LOSS] * count), max_size=30)))
def test_it_is_what_nothing_dominates(points: list[tuple[float, ...]]) -> None:
    expected = [
        place
        for place, point in enumerate(points)
        if not any(dominates(other, point) for other in points)
    ]
    assert front(points) == expected
