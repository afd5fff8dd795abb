"""Comparisons as they are stored."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optisearch import Comparison, Study, choice, integer, plan, real
from optisearch import space as spaces
from optisearch.plan import Plan, Planned, tuning
from optisearch.plan.comparisons import default_levels

Plans = Callable[..., Plan]


def stored(study: Study, *comparisons: Comparison, seed: int = 0) -> list[dict[str, Any]]:
    described = plan.describe(replace(study, comparisons=comparisons), seed)
    found: list[dict[str, Any]] = json.loads(json.dumps(described, allow_nan=False))
    return found


def test_what_is_stored_is_complete(study: Study) -> None:
    (found,) = stored(study, Comparison("optimizer"))
    assert found == {
        "name": "optimizer",
        "factor": "optimizer",
        "levels": ["sgd", "adam"],
        "measure": "a",
        "tune": [],
        "base": {},
        "seeds": None,
        "title": "",
        "published": [],
        "tolerance": 0.0,
        "source": "",
        "target": None,
        "points": [],
    }


def test_it_is_read_as_it_was_described(study: Study) -> None:
    comparison = Comparison(
        "optimizer",
        name="fair",
        levels=["adam", "sgd"],
        tune=["rate", "width"],
        base={"epochs": 5},
        seeds=7,
        measure="seconds",
        title="The optimizer",
        published={"adam": 1, "sgd": 2.5},
        tolerance=0.5,
        source="a book",
        target=0.9,
    )
    (found,) = map(Planned.from_stored, stored(study, comparison))
    points = tuple(map(tuple, tuning.unit_points(2, _points_seed(0))))
    assert found == Planned(
        name="fair",
        factor="optimizer",
        levels=("adam", "sgd"),
        measure="seconds",
        tune=("rate", "width"),
        base={"epochs": 5},
        seeds=7,
        title="The optimizer",
        published=(("adam", 1.0), ("sgd", 2.5)),
        tolerance=0.5,
        source="a book",
        target=0.9,
        points=points,
    )
    assert [found.figure(level) for level in ("sgd", "adam", "other")] == [2.5, 1.0, None]


def _points_seed(study_seed: int) -> int:
    from optisearch.seeding import Purpose, seed

    return seed(study_seed, 0, Purpose.TUNING_POINTS)


def test_the_points_follow_from_the_studys_seed(study: Study) -> None:
    tuned = Comparison("optimizer", tune=["rate"])
    assert stored(study, tuned, seed=1) == stored(study, tuned, seed=1)
    assert stored(study, tuned, seed=1) != stored(study, tuned, seed=2)


def test_numbers_have_the_type_of_their_factor(study: Study) -> None:
    (found,) = plan.describe(
        replace(
            study, comparisons=[Comparison("rate", levels=[1, 2], base={"width": 16}, tolerance=1)]
        ),
        0,
    )
    assert [type(level) for level in found["levels"]] == [float, float]
    assert type(found["tolerance"]) is float
    flags = Comparison("nesterov", levels=[0, 1], base={"optimizer": "sgd", "momentum": 0.5})
    (found,) = plan.describe(replace(study, comparisons=[flags]), 0)
    assert found["levels"] == [False, True]
    assert [type(level) for level in found["levels"]] == [bool, bool]


def test_without_comparisons_every_factor_is_compared_alone(study: Study) -> None:
    found = stored(study)
    assert [(each["name"], each["base"]) for each in found] == [
        ("optimizer", {}),
        ("rate", {}),
        ("momentum", {"optimizer": "sgd"}),
        ("nesterov", {"optimizer": "sgd", "momentum": 0.5}),
        ("width", {}),
        ("epochs", {}),
    ]
    assert all(len(each["levels"]) > 1 for each in found)


def test_what_an_older_version_stored_lacks_is_the_default(study: Study) -> None:
    (found,) = stored(study, Comparison("optimizer"))
    del found["target"]
    found["from a newer version"] = 1
    assert Planned.from_stored(found).target is None


def test_only_epochs_are_read_from_one_run(planned: Plans) -> None:
    assert [each.reads_one_run for each in planned().comparisons] == [False] * 5 + [True]


FACTORS = {
    "declared": (real(0, 1, baseline=0.5, levels=(0.1, 0.5)), [0.1, 0.5]),
    "choice": (choice("a", "b", baseline="b"), ["a", "b"]),
    "log": (real(1e-4, 1e-1, log=True, baseline=1e-3), [1e-4, 1e-3, 1e-2, 1e-1]),
    "linear": (real(0.0, 0.9, baseline=0.0), [0.0, 0.3, 0.6, 0.9]),
    "with another baseline": (real(0.0, 3.0, baseline=0.5), [0.0, 0.5, 1.0, 2.0, 3.0]),
    "integer": (integer(1, 10, baseline=5), [1, 4, 5, 7, 10]),
    "narrow": (integer(1, 2, baseline=2), [1, 2]),
    "three digits": (integer(100, 109, baseline=100), [100, 103, 106, 109]),
    "near one": (real(0.99, 0.999, baseline=0.99), [0.99, 0.993, 0.996, 0.999]),
    "in steps": (integer(8, 64, step=8, baseline=8), [8, 24, 48, 64]),
}


@pytest.mark.parametrize(("declared", "levels"), FACTORS.values(), ids=FACTORS)
def test_default_levels(declared: Any, levels: list[Any]) -> None:
    space = _space(declared)
    found = default_levels(spaces.factors(space)["x"])
    assert found == levels
    assert {type(level) for level in found} == {type(level) for level in levels}


@given(
    low=st.floats(-1e6, 1e6),
    width=st.floats(1e-3, 1e6),
    at=st.floats(0, 1),
    whole=st.booleans(),
    log=st.booleans(),
)
def test_any_range_has_levels(low: float, width: float, at: float, whole: bool, log: bool) -> None:
    if log:
        low = abs(low) + 1e-3
    high = low + width
    if whole:
        bounds = int(low), int(high) + 1
        if log and bounds[0] < 1:
            bounds = 1, bounds[1] + 1
        baseline = bounds[0] + int(at * (bounds[1] - bounds[0]))
        factor = spaces.factors(_space(integer(*bounds, log=log, baseline=baseline)))["x"]
    else:
        baseline = min(low + at * width, high)
        factor = spaces.factors(_space(real(low, high, log=log, baseline=baseline)))["x"]
    found = default_levels(factor)
    assert found == sorted(set(found))
    assert found[0] == factor.low
    assert found[-1] == factor.high
    assert factor.baseline in found
    assert len(found) <= 5
    assert all(factor.accepts(level) for level in found)


def _space(declared: Any) -> type:
    from dataclasses import make_dataclass

    return make_dataclass("Space", [("x", Any, declared)], frozen=True)
