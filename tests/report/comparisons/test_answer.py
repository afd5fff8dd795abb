"""The first screen of a compare stage."""

import math
from typing import Any

import numpy as np
import pytest

from optisearch.report.comparisons import answer, evidence

NOISE = np.random.default_rng(5).normal(0, 0.004, (8, 3))
LEVELS = ("sgd", "adam", "rmsprop")


def accuracy(point: dict[str, Any], at: int) -> float:
    level = LEVELS.index(point["optimizer"])
    return (0.9, 0.97, 0.969)[level] + float(NOISE[at][level])


def test_the_main_finding_and_what_it_rests_on(compared, planned) -> None:
    published = (("sgd", 0.5), ("adam", 0.97), ("rmsprop", 0.969))
    stage = (
        compared(
            planned(factor="batch_size", name="times", levels=(32, 64), measure="seconds"),
            planned(factor="batch_size", levels=(32, 64)),
            planned(published=published, tolerance=0.02),
        )
        .train(accuracy)
        .read()
    )
    assert answer(stage) == (
        "Of 3 levels of optimizer adam and rmsprop can't be told apart by their val_accuracy "
        "(5 seeds); sgd is worse."
    )
    cells = len(stage.trials)
    assert cells == 5 * (3 + 1)  # the baseline's are shared
    assert evidence(stage) == (
        f"{cells} of {cells} cells are trained, 5 seeds for each level.",
        "3 published figures: 2 hold and 1 contradicted. 1 implied order: 1 undecided.",
        "Of 3 comparisons, each at a 5 % risk of error, 1 told levels apart: optimizer.",
        "Every level ran at the same settings: this compares settings, not methods.",
    )


def test_levels_that_were_not_tested_are_not_called_alike(compared, planned) -> None:
    """sgd is better than adam, rmsprop may be: they weren't held against each other."""

    def outcome(point: dict[str, Any], at: int) -> float:
        level = LEVELS.index(point["optimizer"])
        return (0.99, 0.97, 0.971)[level] + float(NOISE[at][level])

    stage = compared(planned()).train(outcome).read()
    assert answer(stage) == (
        "Of 3 levels of optimizer which is the best of sgd and rmsprop by val_accuracy is open "
        "(5 seeds); adam is worse."
    )


def test_nothing_can_be_told(compared, planned) -> None:
    stage = compared(planned()).train(lambda point, at: 0.9 + at / 100).read()
    assert answer(stage) == (
        "Of 3 levels of optimizer none can be told from adam by its val_accuracy (5 seeds)."
    )
    assert "Of 1 comparison, each at a 5 % risk of error, 0 told levels apart: none." in evidence(
        stage
    )


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, "Nothing has been measured yet."),
        (
            3,
            "Of 3 levels of optimizer there is one seed of each: none can be told from another yet.",
        ),
    ],
)
def test_too_little_yet(compared, planned, most: int, expected: str) -> None:
    stage = compared(planned()).train(accuracy, most=most).read()
    assert answer(stage) == expected
    assert evidence(stage)[0].startswith(f"{most} of 15 cells are trained")


def test_what_was_given_up(compared, planned) -> None:
    stage = compared(planned()).train(
        lambda point, at: None if point["optimizer"] == "sgd" else math.nan
    )
    told = stage.read()
    assert answer(told) == "Nothing has been measured yet."
    assert evidence(told) == ("10 of 15 cells are trained, 5 given up.",)


def test_at_most_five_lines(compared, planned) -> None:
    given = planned(tune=("learning_rate",), published=(("sgd", 0.9), ("adam", 0.97)))
    for most in (0, 1, 4, 15, 20, None):
        stage = compared(given).train(accuracy, most=most).read()
        assert 1 + len(evidence(stage)) <= 5
        assert answer(stage).endswith(".")
