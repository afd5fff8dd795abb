"""What is used of Keras and TensorFlow without being public: which name did a release change?"""

import inspect
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras")

import keras
import tensorflow as tf

from optisearch.training import models, private

from .zoo import Own, Point, X, Y, compiled, dense, network

pytestmark = pytest.mark.keras


def test_layers_can_be_walked() -> None:
    names = [layer.name for layer in network(dense)._flatten_layers()]
    assert len(names) == 4, (
        "keras.Model._flatten_layers doesn't give the model, its input and its layers"
    )


def test_a_model_is_built_by_keras_as_before_its_first_step() -> None:
    parameters = inspect.signature(keras.Model._symbolic_build).parameters
    assert "data_batch" in parameters, "keras.Model._symbolic_build takes something else"
    model = compiled(Own(), Point())
    assert not private.is_built(model)
    private.build(model, (keras.KerasTensor((None, 8)), keras.KerasTensor((None,), "int64")))
    assert private.is_built(model), "keras.Model._symbolic_build leaves layers unbuilt"
    assert len(model.trainable_variables) == 4
    assert model.metrics_variables, "keras.Model._symbolic_build leaves metrics unbuilt"
    assert not model.optimizer.built
    private.build_optimizer(model)
    assert len(model.optimizer.variables) == 2 + 2 * 4
    assert all(model.optimizer.name in each.path for each in model.optimizer.variables[2:])


def test_the_first_epoch_is_where_keras_looks_for_it() -> None:
    model = compiled(network(), Point())
    assert private.first_epoch(model) is None, "keras.Model._initial_epoch is gone, or not None"
    private.begin_at(model, 2)
    history = model.fit(X, Y, epochs=3, verbose=0)
    assert history.epoch == [2], "keras.Model.fit doesn't begin with _initial_epoch any more"


def test_seeds_are_those_of_keras() -> None:
    def drawn() -> list[Any]:
        made = network(dense).variables
        return [*map(np.asarray, (v.numpy() for v in made)), np.random.rand()]  # noqa: NPY002

    keras.utils.set_random_seed(3)
    public = drawn()
    with private.seeded(3) as drew:
        own = drawn()
        assert not drew()
    assert all(map(np.array_equal, public, own)), "a name that private.seeded sets has changed"


@pytest.mark.parametrize(
    "draw",
    [
        lambda: tf.random.normal((2,)),
        lambda: tf.random.normal((2,), seed=5),
        lambda: tf.random.shuffle(tf.range(9)),
        lambda: tf.random.gamma((2,), 1.0),
    ],
)
def test_it_is_noticed_when_tensorflow_draws(draw: Any) -> None:
    with private.seeded(3) as drew:
        draw()
        assert drew(), "tensorflow.python.framework.random_seed.get_seed isn't asked any more"


def test_a_model_that_tensorflow_draws_for_is_built_with_all_seeds_set() -> None:
    def build(_hp: Any) -> Any:
        model = network()
        model.layers[0].kernel.assign(tf.random.normal((8, 3), seed=5))
        return compiled(model, Point())

    first, second = (models.fresh_for_graphs(build, None, 1).get_weights() for _ in range(2))
    assert all(map(np.array_equal, first, second))


def test_it_is_noticed_when_keras_draws_globally() -> None:
    with private.seeded(3):
        network(dense)
        assert not private.draws_globally()
        keras.random.normal((2,))
        assert private.draws_globally(), "GLOBAL_SEED_GENERATOR isn't where it was"


def test_names_begin_anew() -> None:
    private.reset_uids()
    assert dense().name == "dense", "keras.src.utils.naming.reset_uids has changed"
    assert dense().name == "dense_1"
