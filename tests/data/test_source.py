"""What a study's `data` may be."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from optisearch.data import Split, digits, load
from optisearch.errors import DataError

MINE = Split.cut(np.arange(20), np.arange(20) % 2, name="mine", validation=4, test=4)


def mine() -> Split:
    return MINE


def with_samples(train_samples: int | None = None) -> Split:
    return MINE if train_samples is None else MINE.take(train_samples)


@pytest.mark.parametrize("data", [MINE, mine, with_samples, lambda: MINE])
def test_what_stands_for_a_split(data: Any) -> None:
    assert load(data) is MINE
    assert load(data, 4).sizes["train"] == 4
    assert load(data, 4).variant == "4"


def test_a_source_with_an_option() -> None:
    assert load(partial(with_samples, train_samples=6)).variant == "6"
    assert load(partial(digits, 100)).sizes["train"] == 100


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (lambda: (1, 2), "<lambda>() returned a tuple, not a Split"),
        (lambda: None, "<lambda>() returned a NoneType, not a Split"),
        ((np.ones(3), np.ones(3)), "a tuple is no Split"),
        (np.ones(3), "a ndarray is no Split"),
        (None, "a NoneType is no Split"),
        (MINE.for_training(), "a TrainingData is no Split"),
    ],
)
def test_what_does_not(data: Any, what: str) -> None:
    with pytest.raises(DataError) as caught:
        load(data)
    said = str(caught.value)
    assert said.startswith(f"the study's data: {what}.")
    assert "Split.cut(x, y, name=…) or Split(train=(x, y), " in said


@pytest.mark.parametrize("data", [lambda x: MINE, Split])
def test_a_function_that_needs_arguments(data: Any) -> None:
    with pytest.raises(DataError, match="can't be called without arguments: missing a required"):
        load(data)


def test_an_error_of_the_users_function_is_passed_on() -> None:
    def mine() -> Split:
        raise FileNotFoundError("my.csv")

    with pytest.raises(FileNotFoundError, match=r"my\.csv"):
        load(mine)


def test_a_type_error_of_the_users_function_is_passed_on() -> None:
    def mine() -> Split:
        return len(3)  # type: ignore[arg-type, return-value]

    with pytest.raises(TypeError, match="has no len"):
        load(mine)
