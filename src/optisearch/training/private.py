"""Everything that is used of Keras and TensorFlow without being public, and nothing else.

A test fails when a release changes it. Where there comes to be a public way, it belongs here first.
"""

import contextlib
import random
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR
from keras.src.utils.naming import reset_uids
from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED
from tensorflow.python.eager import context
from tensorflow.python.framework import random_seed

__all__ = [
    "begin_at",
    "build",
    "build_optimizer",
    "draws_globally",
    "first_epoch",
    "is_built",
    "layers",
    "reset_uids",
    "seeded",
]

# Those of Keras's optimizers that copy weights when they are built.
_ASSIGNING = frozenset({"ScheduleFreeAdamW"})

# reset_uids: the automatic names (`dense_3`) count from the beginning again, as in a fresh process.


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[Callable[[], bool]]:
    """Do as `keras.utils.set_random_seed`, but leave TensorFlow the kernels that it has made.

    With them it would forget how to call each graph, which takes it a tenth of a second to learn.
    They hold the states of TensorFlow's own random operations, and so those mustn't be used.

    Yields:
        Tells whether they were.
    """
    global_state.set_global_attribute(GLOBAL_RANDOM_SEED, seed)
    global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, None)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  # the global one is what people's code may use
    tensorflow = context.context()
    tensorflow._seed, tensorflow._rng = seed, random.Random(seed)  # noqa: S311  # as TensorFlow
    get_seed, asked = random_seed.get_seed, False

    def noticed(seed: int | None) -> Any:
        nonlocal asked
        asked = True
        return get_seed(seed)

    random_seed.get_seed = noticed  # every such operation asks it
    try:
        yield lambda: asked
    finally:
        random_seed.get_seed = get_seed


def draws_globally() -> bool:
    """Whether random numbers were drawn from Keras's global generator, which no model holds."""
    return global_state.get_global_attribute(GLOBAL_SEED_GENERATOR) is not None


def is_built(model: keras.Model) -> bool:
    """Whether all of its layers have their variables."""
    return all(layer.built for layer in layers(model))


def layers(model: keras.Model) -> list[keras.layers.Layer]:
    """All layers of a model, those inside of others included, and itself."""
    return list(model._flatten_layers())


def build(model: keras.Model, record: Any) -> None:
    """Create all variables but the optimizer's: the model's, its metrics' and its loss's.

    `fit` creates them while it traces its first step; a loop in a graph can't.

    Args:
        model: A compiled model.
        record: `(x,)`, `(x, y)` or `(x, y, sample_weight)` of `keras.KerasTensor`s whose first
            dimension is None.
    """
    optimizer, model.optimizer = model.optimizer, None
    try:
        model._symbolic_build(data_batch=record)
    finally:
        model.optimizer = optimizer


def build_optimizer(model: keras.Model) -> None:
    """Create the optimizer's variables as `fit` does, under the same names.

    It creates them in the first trace of its step: what the optimizer's `build` assigns is lost.
    """
    optimizer = model.optimizer
    kind = type(optimizer)
    harmless = kind.__module__.startswith("keras.") and kind.__name__ not in _ASSIGNING
    place = (
        contextlib.nullcontext()
        if harmless
        else tf.__internal__.FuncGraph("optimizer").as_default()
    )
    with place, keras.name_scope(optimizer.name, caller=optimizer):
        optimizer.build(model.trainable_variables)


def first_epoch(model: keras.Model) -> int | None:
    """The epoch that `keras.callbacks.BackupAndRestore` goes on with."""
    epoch: int | None = model._initial_epoch
    return epoch


def begin_at(model: keras.Model, epoch: int | None) -> None:
    """Have a training begin with this epoch; None leaves it to the arguments of `fit`."""
    model._initial_epoch = epoch
