"""Fields of a space that are arguments of `fit`."""

from dataclasses import dataclass

import pytest

pytest.importorskip("keras")

from optisearch.training.options import FitOptions, names

pytestmark = pytest.mark.keras


@dataclass(frozen=True)
class Space:
    units: int = 3
    epochs: int = 7
    batch_size: int = 5
    validation_freq: int = 2
    steps_per_epoch: int = 4
    verbose: int = 1  # not the study's to say
    x: float = 0.5


def test_its_own_are_taken_and_the_others_kept() -> None:
    options = FitOptions.of(Space())
    assert names(Space) == ["epochs", "batch_size", "validation_freq", "steps_per_epoch"]
    assert (options.epochs, options.batch_size, options.validation_freq) == (7, 5, 2)
    assert options.others == {"steps_per_epoch": 4}
    assert FitOptions.given({"epochs": 3, "class_weight": {1: 2.0}}).class_weight == {1: 2.0}


def test_a_batch_is_of_keras_size_where_nothing_is_said() -> None:
    assert FitOptions().batch == 32
    assert FitOptions(batch_size=5).batch == 5


@pytest.mark.parametrize(
    ("freq", "evaluated"), [(1, [0, 1, 2, 3]), (2, [1, 3]), ([1, 4], [0, 3]), ([], [])]
)
def test_when_it_is_evaluated(freq: int, evaluated: list[int]) -> None:
    options = FitOptions(epochs=4, validation_freq=freq)
    assert [epoch for epoch in range(4) if options.evaluates(epoch)] == evaluated


def test_at_the_end() -> None:
    options = FitOptions(epochs=4, validation_freq=2).at_end()
    assert [epoch for epoch in range(4) if options.evaluates(epoch)] == [3]
    assert options.epochs == 4
