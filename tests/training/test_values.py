"""The values of a trained model, kept and given to another one of the same kind."""

from typing import Any

import numpy as np
import pytest

from optisearch.errors import TrainingError

pytestmark = pytest.mark.keras
keras: Any = pytest.importorskip("keras")

from optisearch.training import private, values  # noqa: E402

X = np.random.default_rng(0).normal(size=(32, 4)).astype(np.float32)


def built(units: int = 3, seed: int = 1) -> Any:
    """With states that aren't weights: BatchNormalization's and Dropout's."""
    keras.utils.set_random_seed(seed)
    private.reset_uids()
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(units),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(2),
        ]
    )


def trained() -> Any:
    model = built()
    model.compile("adam", "mse")
    model.fit(X, X[:, :2], verbose=0)
    return model


def contents(model: Any) -> list[bytes]:
    return [variable.numpy().tobytes() for variable in model.variables]


def test_all_are_given() -> None:
    model, other = trained(), built(seed=2)
    assert contents(model) != contents(other)
    values.give(other, values.to_bytes(model))
    assert contents(model) == contents(other)
    assert not values.differ(model, other)


def test_handed_over() -> None:
    model, other = trained(), built(seed=2)
    assert values.differ(model, other)
    values.hand_over(model, other)
    assert contents(model) == contents(other)


def test_those_of_another_model() -> None:
    other = built(units=5)
    before = contents(other)
    with pytest.raises(TrainingError, match="another one than the study builds now"):
        values.give(other, values.to_bytes(trained()))
    assert contents(other) == before


def test_damaged_ones() -> None:
    content = values.to_bytes(trained())
    with pytest.raises(TrainingError, match="damaged"):
        values.give(built(), content[: len(content) // 2])


def test_the_optimizers_state_isnt_among_them() -> None:
    model = trained()
    numbers = sum(variable.numpy().nbytes for variable in model.variables)
    assert len(values.to_bytes(model)) < numbers + 8000
