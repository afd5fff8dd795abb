"""What Keras's callbacks remember from one epoch to the next, in Python: no variable holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import callbacks as keras_callbacks

from optisearch.training.callbacks import ReportEpochs
from optisearch.training.pipeline import Shuffle

Callbacks = Sequence[keras.callbacks.Callback]

# The attributes that are a callback's memory. Of any other kind nobody can say.
_REMEMBERED: Mapping[type, Sequence[str]] = {
    keras_callbacks.EarlyStopping: ("wait", "stopped_epoch", "best", "best_epoch", "best_weights"),
    keras_callbacks.ReduceLROnPlateau: ("wait", "cooldown_counter", "best"),
    keras_callbacks.LearningRateScheduler: (),
    keras_callbacks.TerminateOnNaN: (),
    # Those that are restored otherwise, or follow from the epoch.
    keras_callbacks.History: (),
    ReportEpochs: (),
    Shuffle: (),
}


@dataclass(frozen=True)
class Memory:
    """What a callback remembers.

    Attributes:
        kind: The callback's class.
        plain: Its numbers, by attribute.
        arrays: Its only attribute that is a list of arrays, if it has one.
    """

    kind: str
    plain: Mapping[str, Any]
    arrays: Sequence[np.ndarray] = ()


def unknown(callbacks: Callbacks) -> str:
    """The class of a callback that may remember anything; empty where there is none."""
    return next((type(each).__name__ for each in callbacks if type(each) not in _REMEMBERED), "")


def of(callbacks: Callbacks) -> list[Memory]:
    """What these remember now. All of them must be known."""
    return [_of(each) for each in callbacks]


def fit(memories: Sequence[Memory], callbacks: Callbacks) -> bool:
    """Whether these memories are of such callbacks."""
    kinds = [type(each).__name__ for each in callbacks]
    return not unknown(callbacks) and kinds == [memory.kind for memory in memories]


def restore(memories: Sequence[Memory], callbacks: Callbacks) -> None:
    """Have callbacks remember what those before them did; see `fit`."""
    for memory, callback in zip(memories, callbacks, strict=True):
        for name in _REMEMBERED[type(callback)]:
            setattr(callback, name, memory.plain.get(name, list(memory.arrays)))


def _of(callback: keras.callbacks.Callback) -> Memory:
    found = {name: getattr(callback, name) for name in _REMEMBERED[type(callback)]}
    plain = {name: value for name, value in found.items() if not isinstance(value, list)}
    arrays = [each for value in found.values() if isinstance(value, list) for each in value]
    return Memory(type(callback).__name__, plain, arrays)
