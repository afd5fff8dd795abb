"""Values sorted into levels."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from optisearch.reading import FactorInfo
from optisearch.report.bins import levels


def shown(factor: FactorInfo, values: list[Any]) -> dict[str, int]:
    return {level.label: len(level.members) for level in levels(factor, values)}


def test_a_choice_has_its_options_also_those_not_visited() -> None:
    factor = FactorInfo("o", "choice", options=("sgd", "adam", "none"))
    assert shown(factor, ["adam", "adam", "other"]) == {"sgd": 0, "adam": 2, "none": 0, "other": 1}


def test_a_log_range_is_cut_evenly_in_the_logarithm() -> None:
    factor = FactorInfo("lr", "real", low=1e-4, high=1.0, log=True)
    assert shown(factor, [1e-4, 5e-4, 2e-3, 0.5, 1.0]) == {
        "1e-4 … 0.001": 2,
        "0.001 … 0.01": 1,
        "0.01 … 0.1": 0,
        "0.1 … 1": 2,
    }


def test_declared_levels_are_the_centres() -> None:
    factor = FactorInfo("lr", "real", low=1e-4, high=1.0, log=True, levels=(1e-3, 1e-1))
    assert shown(factor, [2e-4, 0.02]) == {"1e-4 … 0.01": 1, "0.01 … 1": 1}


def test_values_that_are_all_levels_are_shown_as_they_are() -> None:
    factor = FactorInfo("lr", "real", low=1e-4, high=1.0, log=True, levels=(0.1, 0.001, 1.0))
    assert shown(factor, [0.1, 0.001, 0.1]) == {"0.001": 1, "0.1": 2, "1": 0}


def test_a_short_integer_range_is_shown_by_value() -> None:
    factor = FactorInfo("n", "integer", low=1, high=4)
    assert shown(factor, [1, 4, 4]) == {"1": 1, "2": 0, "3": 0, "4": 2}


def test_a_long_integer_range_has_inclusive_bounds() -> None:
    factor = FactorInfo("epochs", "integer", low=5, high=20)
    assert shown(factor, [5, 8, 9, 20]) == {"5 … 8": 2, "9 … 12": 1, "13 … 16": 0, "17 … 20": 1}


def test_values_outside_the_range_widen_the_outer_levels() -> None:
    factor = FactorInfo("x", "real", low=0.0, high=1.0)
    assert list(shown(factor, [-1.0, 3.0])) == ["-1 … 0", "0 … 1", "1 … 2", "2 … 3"]


def test_a_cut_belongs_to_the_level_above_it() -> None:
    factor = FactorInfo("lr", "real", low=1e-4, high=1.0, log=True)
    assert list(shown(factor, [1e-4, 1e-3, 1e-2, 0.1]).values()) == [1, 1, 1, 1]


def test_a_range_of_one_value() -> None:
    assert shown(FactorInfo("x", "real", low=2.0, high=2.0), [2.0, 2.0]) == {"2": 2}


def test_words_among_numbers_are_levels() -> None:
    assert shown(FactorInfo("x", "real", low=0.0, high=1.0), [0.5, "auto"]) == {"0.5": 1, "auto": 1}


reals = st.floats(-1e6, 1e6)


@given(
    values=st.lists(reals, max_size=30) | st.lists(st.integers(-50, 50), max_size=30),
    bounds=st.tuples(reals, reals) | st.just((None, None)),
    centres=st.lists(reals, max_size=5, unique=True),
    kind=st.sampled_from(["real", "integer"]),
    log=st.booleans(),
)
def test_each_value_falls_into_exactly_one_level(
    values: list[float],
    bounds: tuple[float | None, float | None],
    centres: list[float],
    kind: str,
    log: bool,  # Hypothesis gives keywords
) -> None:
    low, high = bounds
    if low is not None and high is not None:
        low, high = min(low, high), max(low, high)
    if kind == "integer":
        values = [int(value) for value in values]
    factor = FactorInfo("x", kind, low=low, high=high, log=log, levels=tuple(centres))
    found = levels(factor, values)
    assert sorted(member for level in found for member in level.members) == [*range(len(values))]
