"""What a study's `build` returns: built repeatably, and refused where it is no compiled model."""

import math
from collections.abc import Callable
from typing import Any

import keras

from optisearch.errors import TrainingError
from optisearch.training import private


def fresh(build: Callable[[Any], Any], hp: Any, seed: int) -> keras.Model:
    """A model whose values and names follow from the point and the seed.

    So do TensorFlow's own random numbers from here on.

    Raises:
        TrainingError: It isn't a compiled Keras model.
        Exception: Whatever goes wrong in `build`.
    """
    keras.utils.set_random_seed(seed)
    private.reset_uids()
    return _compiled(build(hp))


def fresh_for_graphs(build: Callable[[Any], Any], hp: Any, seed: int) -> keras.Model:
    """The same, faster, for a training that draws none of TensorFlow's own random numbers.

    Raises:
        See `fresh`.
    """
    with private.seeded(seed) as drew:
        private.reset_uids()
        model = _compiled(build(hp))
    return fresh(build, hp, seed) if drew() else model


def parameters(model: keras.Model) -> int:
    """The number of trainable parameters."""
    return sum(math.prod(variable.shape) for variable in model.trainable_variables)


def shape(model: keras.Model, name: str) -> str:
    """Its `input_shape` or `output_shape`, for people."""
    try:
        return str(getattr(model, name))
    except (AttributeError, ValueError):
        return "an unknown shape"


def _compiled(model: object) -> keras.Model:
    if not isinstance(model, keras.Model):
        raise TrainingError(
            f"`build` returns a {type(model).__name__}, no Keras model",
            where="build",
            remedy="Return the compiled model",
        )
    if not model.compiled:
        raise TrainingError(
            "the model that `build` returns isn't compiled",
            where="build",
            remedy="Call `model.compile(optimizer=…, loss=…, metrics=[…])` before returning it",
        )
    return model
