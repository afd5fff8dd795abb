"""The points that a level is tuned at, and where it is searched when its choice is at the edge."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optisearch.plan import tuning
from optisearch.plan.tuning import Region, beyond, budget, region, unit_points, value_at
from optisearch.space.stored import FactorInfo

RATE = FactorInfo("rate", "real", 1e-3, low=1e-4, high=1e-1, log=True)
DROPOUT = FactorInfo("dropout", "real", 0.0, low=0.0, high=0.5)
PENALTY = FactorInfo("penalty", "real", 1e-3, low=1e-5, high=1e-1, log=True)
OFFSET = FactorInfo("offset", "real", 0.0, low=-2.0, high=2.0)
SCALE = FactorInfo("scale", "real", 1.0, low=0.5, high=2.0)
LAYERS = FactorInfo("layers", "integer", 2, low=1, high=4)
UNITS = FactorInfo("units", "integer", 32, low=8, high=64, step=8)
WIDTH = FactorInfo("width", "integer", 32, low=4, high=256, log=True)
KIND = FactorInfo("kind", "choice", "a", options=("a", "b", "c"))
NUMBERS = [RATE, DROPOUT, PENALTY, OFFSET, SCALE, LAYERS, UNITS, WIDTH]

unit = st.floats(0.0, 1.0, exclude_max=True)
numbers = st.sampled_from(NUMBERS)


def test_each_further_factor_costs_more() -> None:
    assert [budget(factors) for factors in (1, 2, 3)] == [12, 20, 28]


@pytest.mark.parametrize("factors", [1, 2, 4])
def test_the_points_are_spread_evenly_and_follow_from_the_seed(factors: int) -> None:
    points = unit_points(factors, 5)
    assert len(points) == budget(factors) + tuning.MOST_WIDENINGS * tuning.POINTS_PER_WIDENING
    assert points == unit_points(factors, 5)
    assert points != unit_points(factors, 6)
    for column in zip(*points, strict=True):
        assert all(0 <= coordinate <= 1 for coordinate in column)
        # Of twelve points each quarter has some: twelve at random leave one empty in one of eight.
        assert {int(4 * coordinate) for coordinate in column[: budget(factors)]} >= {0, 1, 2, 3}


@given(numbers, unit)
def test_values_lie_in_the_range(factor: FactorInfo, at: float) -> None:
    value = value_at(factor, at)
    assert factor.low is not None
    assert factor.high is not None
    assert factor.low <= value <= factor.high
    assert isinstance(value, int if factor.kind == "integer" else float)
    if factor.step:
        assert (value - factor.low) % factor.step == 0


@given(numbers, unit, unit)
def test_values_grow_with_the_coordinate(factor: FactorInfo, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert value_at(factor, low) <= value_at(factor, high)


def test_a_log_range_is_even_in_its_logarithm() -> None:
    assert value_at(RATE, 0.5) == pytest.approx(math.sqrt(1e-4 * 1e-1), rel=5e-3)
    assert value_at(DROPOUT, 0.5) == 0.25


def test_integers_are_equally_likely() -> None:
    drawn = [value_at(LAYERS, (at + 0.5) / 400) for at in range(400)]
    assert {value: drawn.count(value) for value in set(drawn)} == dict.fromkeys((1, 2, 3, 4), 100)


def test_options_are_equally_likely() -> None:
    drawn = [value_at(KIND, at / 300) for at in range(301)]
    assert [drawn.count(option) for option in "abc"] == [100, 100, 101]


@given(numbers, unit, st.booleans())
def test_a_choice_at_the_edge_is_searched_beyond_it(
    factor: FactorInfo, at: float, up: bool
) -> None:
    within = region(factor)
    assert within is not None
    tried = [value_at(factor, u) for u in (0.02, 0.4, 0.7, 0.98)]
    assume(len(set(tried)) > 2)
    added = beyond(factor, within, (max if up else min)(tried), tried)
    if added is None:
        return
    assert added.low < added.high
    assert (added.low >= within.high) if up else (added.high <= within.low)
    value = value_at(factor, at, added)
    if not factor.step:
        assert added.low <= value + 0.01 * abs(value)
    # What has a natural bound stays within it.
    if (factor.low or 0) >= 0:
        assert value >= 0
    if factor is LAYERS:
        assert value >= 1
    if factor is DROPOUT:
        assert value <= 1


@given(numbers)
def test_a_choice_inside_is_not_searched_beyond(factor: FactorInfo) -> None:
    within = region(factor)
    assert within is not None
    tried = [value_at(factor, u) for u in (0.1, 0.5, 0.9)]
    assume(len(set(tried)) == 3)
    assert beyond(factor, within, tried[1], tried) is None


@pytest.mark.parametrize(
    ("factor", "up", "added"),
    [
        (RATE, True, Region(1e-1, 1.0)),
        (RATE, False, Region(1e-5, 1e-4)),
        (DROPOUT, True, Region(0.5, 0.75)),
        (DROPOUT, False, None),  # it can't be negative
        (OFFSET, True, Region(2.0, 4.0)),
        (OFFSET, False, Region(-4.0, -2.0)),
        (SCALE, True, Region(2.0, 2.75)),
        (SCALE, False, Region(0.0, 0.5)),
        (LAYERS, False, None),  # there is no network of half a layer
        (LAYERS, True, Region(4, 5)),
        (WIDTH, True, Region(256, 2560)),
        (WIDTH, False, Region(1, 4)),
    ],
)
def test_how_far_beyond(factor: FactorInfo, up: bool, added: Region | None) -> None:
    within = region(factor)
    assert within is not None
    tried = [value_at(factor, 0.1), value_at(factor, 0.9)]
    found = beyond(factor, within, tried[1 if up else 0], tried)
    if added is None or found is None:
        assert found == added
    else:
        assert (found.low, found.high) == pytest.approx((added.low, added.high))


def test_a_range_that_lies_in_the_unit_interval_stays_in_it() -> None:
    share = FactorInfo("share", "real", 0.5, low=0.0, high=0.9)
    found = beyond(share, Region(0.0, 0.9), 0.8, [0.1, 0.8])
    assert found == Region(0.9, 1.0)


def test_an_option_has_no_ends() -> None:
    assert region(KIND) is None
    assert beyond(KIND, Region(0, 1), "a", ["a", "b"]) is None
