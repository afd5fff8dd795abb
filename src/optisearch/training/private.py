"""Everything that is used of Keras and TensorFlow without being public, and nothing else.

A test fails when a release changes it. Where there comes to be a public way, it belongs here first.
"""

import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR
from keras.src.utils.naming import reset_uids
from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED
from tensorflow.python.eager import context

__all__ = [
    "build",
    "draws_globally",
    "first_epoch",
    "is_built",
    "reset_uids",
    "set_seeds",
]

# reset_uids: the automatic names (`dense_3`) count from the beginning again, as in a fresh process.


def set_seeds(seed: int) -> Callable[[], bool]:
    """Do as `keras.utils.set_random_seed`, but leave TensorFlow the kernels that it has made.

    With them it would forget how to call each graph, which takes it a tenth of a second to learn.
    They hold the states of TensorFlow's own random operations, and so those mustn't be used.

    Returns:
        Whether they were, since.
    """
    global_state.set_global_attribute(GLOBAL_RANDOM_SEED, seed)
    global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, None)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  # the global one is what people's code may use
    tensorflow = context.context()
    tensorflow._seed, tensorflow._rng = seed, random.Random(seed)  # noqa: S311  # as TensorFlow
    unused = tensorflow._rng.getstate()
    return lambda: bool(tensorflow._rng.getstate() != unused)


def draws_globally() -> bool:
    """Whether random numbers were drawn from Keras's global generator, which no model holds."""
    return global_state.get_global_attribute(GLOBAL_SEED_GENERATOR) is not None


def is_built(model: keras.Model) -> bool:
    """Whether all of its layers have their variables."""
    return all(layer.built for layer in model._flatten_layers())


def build(model: keras.Model, record: Any) -> None:
    """Create all variables: the model's, its metrics', its loss's and its optimizer's.

    `fit` creates them while it traces its first step; a loop in a graph can't.

    Args:
        model: A compiled model.
        record: `(x,)`, `(x, y)` or `(x, y, sample_weight)` of `keras.KerasTensor`s whose first
            dimension is None.
    """
    model._symbolic_build(data_batch=record)


def first_epoch(model: keras.Model) -> int | None:
    """The epoch that `keras.callbacks.BackupAndRestore` goes on with."""
    epoch: int | None = model._initial_epoch
    return epoch
