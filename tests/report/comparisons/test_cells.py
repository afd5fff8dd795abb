"""How the numbers of a comparison are written."""

import math

import pytest

from optisearch.report import format as fmt


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.92, "0.92"), (12.5, "12.5"), (1.118, "1.118"), (40, "40"), (1 / 3, "0.3333"), (0, "0")],
)
def test_figures_are_written_as_they_are_printed(value: float, written: str) -> None:
    assert fmt.figure(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0123456, "+0.0123"),
        (-0.5, "-0.5"),
        (0.0, "0"),
        (-1.2345e-5, "-1.23e-5"),
        (1234.5, "+1,234"),
        (2_345_678, "+2.35e6"),
    ],
)
def test_differences_have_signs(value: float, written: str) -> None:
    assert fmt.difference(value) == written


def test_intervals_have_as_many_decimals_as_their_width_needs() -> None:
    assert fmt.interval((0.97213, 0.97442)) == "0.9721 … 0.9744"
    assert fmt.interval((0.972131, 0.972173)) == "0.972131 … 0.972173"
    assert fmt.interval((0.5, 0.5)) == "0.5000 … 0.5000"
    assert fmt.differences((-0.0151, 0.00234)) == "-0.0151 … +0.00234"
    assert fmt.cell((0.1, 0.2), "interval") == "0.1000 … 0.2000"


def test_p_values() -> None:
    assert fmt.p_value(0.0123) == "0.012"
    assert fmt.p_value(1e-9) == "< 0.001"
    assert fmt.p_value(1.0) == "1.000"


def test_a_time_that_never_comes() -> None:
    assert fmt.seconds(math.inf) == "∞"
