"""What a trial has reached in each objective."""

import math

import pytest

from optisearch.objectives import Objective, until_target, values

UP, DOWN = Objective("score", "maximize"), Objective("error")
ROWS = [
    {"epoch": 0, "seconds": 1.5, "score": 0.5, "error": 0.4},
    {"epoch": 1, "seconds": 0.5, "score": 0.9, "error": math.nan},
    {"epoch": 2, "seconds": 0.25, "score": 0.8, "error": 0.1},
]


@pytest.mark.parametrize(
    ("monitored", "target", "found"),
    [
        (UP, 0.5, (1, 1.5)),
        (UP, 0.8, (2, 2.0)),
        (UP, 0.95, (math.inf, math.inf)),
        (DOWN, 0.1, (3, 2.25)),
        (DOWN, 0.05, (math.inf, math.inf)),
    ],
)
def test_until_a_target(monitored: Objective, target: float, found: tuple[float, float]) -> None:
    assert until_target(ROWS, monitored, target) == found


def test_words_for_what_is_not_finite_reach_nothing() -> None:
    rows = [{"seconds": 1.0, "score": "nan"}, {"seconds": 1.0}, {"seconds": 1.0, "score": "inf"}]
    assert until_target(rows, UP, 0.5) == (3, 3.0)


def test_metrics_count_as_they_are_at_the_end_and_costs_as_recorded() -> None:
    objectives = (
        UP,
        DOWN,
        Objective("parameters"),
        Objective("seconds_per_epoch"),
        Objective("epochs_to_target", target=0.8),
        Objective("seconds_to_target", target=0.8),
    )
    recorded = {"parameters": 12, "seconds_per_epoch": 0.5, "score": 7.0}
    assert values(objectives, ROWS, recorded) == [0.8, 0.1, 12.0, 0.5, 2.0, 2.0]
    assert values((UP, Objective("parameters")), ROWS, {}) == [0.8, None]
