"""Numbers as people read them."""

import math
from datetime import timedelta

import pytest

from optisearch.report import format as fmt
from optisearch.report.table import Typed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.9789, "0.9789"),
        (0.97, "0.9700"),
        (0.0712, "0.0712"),
        (0.005123, "0.005123"),
        (1.2345e-5, "1.234e-5"),
        (-0.5, "-0.5000"),
        (12.345, "12.35"),
        (12345.6, "12,345.6"),
        (3e9, "3.000e9"),
        (0, "0"),
        (-math.inf, "-∞"),
        (math.nan, "not a number"),
    ],
)
def test_metric(value: float, written: str) -> None:
    assert fmt.metric(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.00123456, "0.00123"),
        (1.2e-5, "1.2e-5"),
        (1e-4, "1e-4"),
        (1.0, "1"),
        (0.0, "0"),
        (128, "128"),
        (4096, "4096"),
        (1234.5, "1234"),
        (True, "True"),
        (None, "None"),
        ("relu", "relu"),
    ],
)
def test_setting(value: object, written: str) -> None:
    assert fmt.setting(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.085, "85 ms"),
        (0.5, "0.50 s"),
        (3.4, "3.4 s"),
        (9.96, "10 s"),
        (59.6, "1 m 00 s"),
        (130, "2 m 10 s"),
        (3900, "1 h 05 m"),
        (90000, "1 d 1 h"),
    ],
)
def test_seconds(value: float, written: str) -> None:
    assert fmt.seconds(value) == written


def test_a_gap_has_the_decimals_of_its_values() -> None:
    assert fmt.gap(0.9871, 0.9801) == "0.0070"
    assert fmt.gap(0.98, 0.98000001) == "1.000e-8"
    assert fmt.gap(1e-5, 3e-5) == "2.000e-5"


def test_trial_numbers_are_joined_and_limited() -> None:
    assert fmt.numbers([17, 3, 40, 41, 42]) == "3, 17, 40-42"
    assert fmt.numbers(range(0, 40, 2), most=2) == "0, 2 and 18 more"


def test_text_is_one_line_without_control_sequences() -> None:
    assert fmt.text("\x1b[31mred\x1b[0m\nline\x07") == "red line"


def test_words() -> None:
    assert fmt.amount(1, "trial") == "1 trial"
    assert fmt.amount(1200, "trial") == "1,200 trials"
    assert fmt.listing([]) == ""
    assert fmt.listing(["a"]) == "a"
    assert fmt.listing(["a", "b", "c"]) == "a, b and c"
    assert fmt.ago(timedelta(seconds=4)) == "4 s ago"
    assert fmt.ago(timedelta(seconds=130)) == "2 m 10 s ago"
    assert fmt.ago(timedelta(seconds=-3)) == "just now"
    assert fmt.share(0.375) == "38 %"


def test_a_missing_value_is_a_dash_and_a_typed_one_is_of_its_own_kind() -> None:
    assert fmt.cell(None, "metric") == "—"
    assert fmt.cell(Typed(4.0, "seconds"), "metric") == "4.0 s"
