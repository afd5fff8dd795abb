"""What is measured of a trial, by name."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optisearch.reading import TrialResult
from optisearch.reading.measures import curve, is_time, measured, more_is_better

HISTORY = [
    {"epoch": 0, "seconds": 2.0, "acc": 0.5, "loss": 3.0, "flat": 1},
    {"epoch": 1, "seconds": 1.0, "acc": 0.9, "loss": 2.0, "flat": 1},
    {"epoch": 2, "seconds": 1.0, "acc": 0.8, "loss": "nan", "flat": 1},
]
TRIAL = TrialResult(
    0, "completed", value=0.8, seconds=5.0, seconds_per_epoch=1.0, parameters=7, history=HISTORY
)
DIVERGED = TrialResult(1, "diverged", value=-math.inf, seconds=2.0, history=HISTORY[:1])


def found(measure: str, trial: TrialResult = TRIAL, **given: Any) -> float | None:
    return measured(trial, measure, **({"metric": "acc", "maximize": True} | given))


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("acc", 0.8),
        ("best_acc", 0.9),
        ("flat", 1.0),
        ("seconds", 5.0),
        ("seconds_per_epoch", 1.0),
        ("parameters", 7.0),
        ("unknown", None),
        ("best_loss", None),  # only the study's metric has a best
        ("epochs_to_target", None),  # there is no target
    ],
)
def test_at_the_last_epoch(measure: str, value: float | None) -> None:
    assert found(measure) == value


def test_the_best_depends_on_the_direction() -> None:
    assert found("best_acc", maximize=False) == 0.5
    assert found("best_loss", metric="loss", maximize=False) == 2.0


@pytest.mark.parametrize(
    ("epochs", "acc", "best", "seconds"), [(1, 0.5, 0.5, 2.0), (2, 0.9, 0.9, 3.0), (3, 0.8, 0.9, 4)]
)
def test_a_shorter_training_is_read_from_a_longer_one(
    epochs: int, acc: float, best: float, seconds: float
) -> None:
    assert found("acc", epochs=epochs) == acc
    assert found("best_acc", epochs=epochs) == best
    assert found("seconds", epochs=epochs) == seconds


def test_what_was_not_trained_can_not_be_read() -> None:
    assert found("acc", epochs=4) is None
    assert found("acc", TrialResult(0, "completed", value=0.5)) is None


@pytest.mark.parametrize(
    ("target", "epochs", "seconds"), [(0.5, 1, 2.0), (0.6, 2, 3.0), (0.95, math.inf, math.inf)]
)
def test_how_soon_a_target_is_reached(target: float, epochs: float, seconds: float) -> None:
    assert found("epochs_to_target", target=target) == epochs
    assert found("seconds_to_target", target=target) == seconds


def test_where_less_is_better_a_target_is_reached_from_above() -> None:
    given = {"metric": "loss", "maximize": False, "target": 2.5}
    assert found("epochs_to_target", **given) == 2
    assert found("epochs_to_target", **given | {"target": 1.0}) == math.inf  # and nan is no success


def test_a_target_within_the_epochs_that_count() -> None:
    assert found("epochs_to_target", target=0.6, epochs=1) == math.inf


@pytest.mark.parametrize("measure", ["acc", "best_acc", "seconds", "seconds_per_epoch", "loss"])
def test_of_a_diverged_trial_nothing_is_a_number(measure: str) -> None:
    value = found(measure, DIVERGED)
    assert value is not None
    assert math.isnan(value)


def test_a_diverged_trial_may_have_reached_its_target() -> None:
    assert found("epochs_to_target", DIVERGED, target=0.4) == 1
    assert found("epochs_to_target", DIVERGED, target=0.9) == math.inf


def test_words_stand_for_what_json_has_no_numbers_for() -> None:
    value = found("loss")
    assert value is not None
    assert math.isnan(value)


def test_a_curve_leaves_out_what_is_not_finite() -> None:
    assert curve(TRIAL, "loss") == {1: 3.0, 2: 2.0}
    assert curve(TRIAL, "acc") == {1: 0.5, 2: 0.9, 3: 0.8}
    assert curve(TRIAL, "unknown") == {}


@pytest.mark.parametrize(
    ("measure", "more"),
    [
        ("acc", True),
        ("best_acc", True),
        ("val_accuracy", True),
        ("loss", False),
        ("val_mse", False),
        ("seconds", False),
        ("epochs_to_target", False),
        ("parameters", False),
    ],
)
def test_what_is_better(measure: str, more: bool) -> None:
    assert more_is_better(measure, "acc", maximize=True) == more
    assert is_time(measure) == measure.startswith("seconds")


def test_a_metric_knows_its_direction() -> None:
    assert not more_is_better("acc", "acc", maximize=False)
    assert more_is_better("loss", "loss", maximize=True)
    assert not more_is_better("best_acc", "acc", maximize=False)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
    st.floats(0, 1),
    st.integers(1, 9),
)
def test_a_longer_training_reaches_a_target_no_later(
    values: list[float], target: float, epochs: int
) -> None:
    rows = [{"epoch": n, "seconds": 1.0, "acc": value} for n, value in enumerate(values)]
    trial = TrialResult(0, "completed", value=values[-1], history=rows)
    short = found("epochs_to_target", trial, target=target, epochs=epochs)
    whole = found("epochs_to_target", trial, target=target)
    assert short is not None
    assert whole is not None
    assert whole <= short
    assert (whole == math.inf) == (max(values) < target)
    if whole != math.inf:
        assert values[int(whole) - 1] >= target
