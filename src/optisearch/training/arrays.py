"""Parts of a `Split` that are arrays → tensors on the device."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import psutil
import tensorflow as tf

# Arrays and their tensors stand beside one another, and the model needs room too.
_SHARE_OF_MEMORY = 0.5


class Tensors:
    """Parts as tensors. Those of the study's data are converted once.

    Args:
        kept: The parts whose tensors stay. They are known by their identity.
    """

    def __init__(self, *kept: Any) -> None:
        self._kept = kept
        self._tensors: dict[int, Any] = {}

    def of(self, part: Any) -> Any:
        """A part as nested tuples and dicts of tensors, each of the dtype that its array has."""
        if id(part) in self._tensors:
            return self._tensors[id(part)]
        tensors = tf.nest.map_structure(tf.convert_to_tensor, tuples(part))
        if any(part is each for each in self._kept):
            self._tensors[id(part)] = tensors
        return tensors

    def have_room_for(self, *parts: Any) -> bool:
        """Whether tensors of these parts may stand in memory beside the arrays themselves."""
        new = [part for part in parts if id(part) not in self._tensors]
        room = _SHARE_OF_MEMORY * float(psutil.virtual_memory().available)
        return gibibytes(*new) * 2**30 < room


def is_arrays(part: Any) -> bool:
    """Whether a part is a tuple of arrays, not a data set that makes its own batches."""
    return isinstance(part, tuple)


def tuples(piece: Any) -> Any:
    """Lists as tuples: TensorFlow would stack the arrays of a list."""
    if isinstance(piece, list | tuple):
        return tuple(tuples(item) for item in piece)
    if isinstance(piece, dict):
        return {name: tuples(item) for name, item in piece.items()}
    return piece


def records(part: Any) -> int:
    """How many records a part of arrays, or of tensors, has."""
    return len(tf.nest.flatten(tuples(part))[0])


def gathered(part: Any, rows: Any) -> Any:
    """The records of these indices: `rows` int (n,), `part` of tensors or of arrays."""
    gather = tf.gather if tf.is_tensor(rows) else np.take
    return tf.nest.map_structure(lambda leaf: gather(leaf, rows, axis=0), part)


def weighted(part: Any, class_weight: Mapping[int, float] | None) -> Any:
    """Tensors `(x, y)` with the weights of their classes, float32 (n,), as a third.

    Args:
        part: The tensors; y holds classes, (n,) or (n, 1), or is one-hot.
        class_weight: Class → weight; others weigh 1. None leaves the part as it is.
    """
    if class_weight is None:
        return part
    x, y = part
    labels = np.asarray(y)
    if labels.ndim > 1:
        labels = labels.argmax(axis=-1) if labels.shape[-1] > 1 else labels.squeeze(axis=-1)
    classes, of = np.unique(np.round(labels).astype(np.int64), return_inverse=True)
    weights = np.array([class_weight.get(int(label), 1.0) for label in classes], np.float32)
    return x, y, tf.constant(weights[of])


def gibibytes(*parts: Any) -> float:
    """What the arrays of these parts take."""
    leaves = [np.asarray(leaf) for part in parts for leaf in tf.nest.flatten(tuples(part))]
    return float(sum(leaf.nbytes for leaf in leaves)) / 2**30
