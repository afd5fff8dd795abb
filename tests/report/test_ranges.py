"""A factor's range and conditions, as the heading of a run and `check` show them."""

from dataclasses import field, make_dataclass
from typing import Any

import pytest

from optisearch import choice, integer, real
from optisearch import space as spaces
from optisearch.reading import FactorInfo
from optisearch.report.ranges import conditions, span


def info(declared: Any) -> FactorInfo:
    space = make_dataclass(
        "Space", [("f", Any, declared), ("g", Any, field(default=1))], frozen=True
    )
    return FactorInfo.from_manifest(spaces.factors(space)["f"].as_dict())


@pytest.mark.parametrize(
    ("declared", "described"),
    [
        (real(1e-4, 1.0, log=True, baseline=1e-3), "1e-4 … 1, log"),
        (integer(0, 10, step=5, baseline=5), "0 … 10, step 5"),
        (integer(5, 20, baseline=10), "5 … 20"),
        (choice("sgd", None, 3, baseline=3), "sgd | None | 3"),
    ],
)
def test_a_range_in_a_few_words(declared: Any, described: str) -> None:
    assert span(info(declared)) == described


@pytest.mark.parametrize(
    ("when", "described"),
    [
        (None, ""),
        ({"g": 1}, "when g is 1"),
        ({"g": ("l1", "l2")}, "when g is l1 or l2"),
        ({"g": "l1", "h": (1, 2, 3)}, "when g is l1 and h is 1, 2 or 3"),
    ],
)
def test_conditions_in_a_few_words(when: Any, described: str) -> None:
    assert conditions(info(real(0.0, 1.0, baseline=0.5, when=when))) == described
