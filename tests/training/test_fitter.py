"""What `run.fit` is given stays its owner's."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from optisearch.training.fitter import Fitter
from optisearch.training.options import FitOptions

pytestmark = pytest.mark.keras

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
DATA = (X, X[:, 0])
OPTIONS = FitOptions(epochs=2, batch_size=8)


def fresh(seed: int) -> Any:
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [keras.layers.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse")
    return model


def fitted(fitter: Fitter, model: Any, options: FitOptions = OPTIONS) -> Any:
    fitter.fit_in_place(model, DATA, DATA, options, seed=3)
    return model


def assert_same(one: Any, other: Any) -> None:
    for ours, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_second_model_leaves_the_first_as_it_is() -> None:
    fitter = Fitter()
    first, second = fitted(fitter, fresh(1)), fitted(fitter, fresh(2))
    assert_same(first, fitted(Fitter(), fresh(1)))
    assert_same(second, fitted(Fitter(), fresh(2)))


def test_a_model_can_be_compiled_anew_and_fitted_on() -> None:
    def twice(fitter: Fitter, other: Fitter) -> Any:
        model = fitted(fitter, fresh(1))
        model.compile(keras.optimizers.SGD(0.1), "mse")
        return fitted(other, model)

    one = Fitter()
    assert_same(twice(one, one), twice(Fitter(), Fitter()))


def test_the_history_is_that_of_the_model_in_hand() -> None:
    history = Fitter().fit_in_place(fresh(1), DATA, DATA, OPTIONS, seed=3)
    assert history.epoch == [0, 1]
    assert set(history.history) == {"loss", "val_loss"}


def test_records_that_are_not_shuffled_come_as_they_are() -> None:
    straight = FitOptions(epochs=2, batch_size=8, shuffle=False)
    theirs = fresh(1)
    theirs.fit(*DATA, batch_size=8, epochs=2, shuffle=False, verbose=0)
    assert_same(fitted(Fitter(), fresh(1), straight), theirs)


@pytest.mark.parametrize("shuffle", [True, False])
def test_graphs_and_fit_agree_about_the_order(
    shuffle: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = FitOptions(epochs=2, batch_size=8, shuffle=shuffle)
    ours = fitted(Fitter(), fresh(1), options)
    monkeypatch.setattr("optisearch.training.fitter.why_fit", lambda *_: "it has to")
    assert_same(fitted(Fitter(), fresh(1), options), ours)
