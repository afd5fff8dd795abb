"""The values of a trained model, as bytes that a model built in the same way can be given.

They hold arrays of numbers and their names, nothing that could be executed when they are read: a
model comes from the study's own `build`. The optimizer's state isn't among them.
"""

from typing import Any

import keras

from optisearch.errors import TrainingError
from optisearch.training.checkpoint import Checkpoint, names_of


def to_bytes(model: keras.Model) -> bytes:
    """The values of a model's variables, its random states included."""
    values = tuple(variable.numpy() for variable in model.variables)
    return Checkpoint(values, names_of(model.variables), ()).to_bytes()


def give(model: keras.Model, content: bytes) -> None:
    """Give a model the values that were kept.

    Args:
        model: A model that was built in the same way, whose variables exist.
        content: What `to_bytes` made.

    Raises:
        TrainingError: They are damaged, or of another model. Nothing is changed.
    """
    kept = Checkpoint.from_bytes(content)
    names = names_of(model.variables)
    if names != kept.names:
        other = ", ".join(sorted(set(names) ^ set(kept.names))[:5])
        raise TrainingError(
            f"the kept model is another one than the study builds now; they differ in {other}",
            where="build",
            remedy="Restore the study file, or name the one that it was trained from: --file FILE",
        )
    for variable, value in zip(model.variables, kept.values, strict=True):
        variable.assign(value)


def hand_over(trained: keras.Model, model: keras.Model) -> None:
    """Give a model that was built in the same way the values of one that was trained."""
    for ours, theirs in zip(model.variables, trained.variables, strict=True):
        ours.assign(theirs)


def differ(model: keras.Model, other: keras.Model) -> bool:
    """Whether any weight of two models isn't the same, bit by bit."""
    pairs = zip(model.weights, other.weights, strict=True)
    return any(_bits(one) != _bits(another) for one, another in pairs)


def _bits(variable: Any) -> tuple[Any, bytes]:
    value = variable.numpy()
    return value.shape, value.tobytes()
