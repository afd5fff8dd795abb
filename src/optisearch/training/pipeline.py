"""Parts of a `Split` → what `keras.Model.fit` is fed with.

Arrays become tensors once per worker, and each epoch gathers its batches from them in an order that
follows from the trial's seed: nothing is copied, and nothing passes through Python.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

# Part (by identity) → its tensors. The part is kept so that its identity stays its own.
_tensors: dict[int, tuple[Any, Any]] = {}


def is_arrays(part: Any) -> bool:
    """Whether a part is a tuple of arrays, not a data set that makes its own batches."""
    return isinstance(part, tuple)


def batches(part: Any, batch_size: int, *, shuffle_seed: int | None = None) -> tf.data.Dataset:
    """A data set of batches over arrays.

    Args:
        part: `(x,)`, `(x, y)` or `(x, y, sample_weight)`; x and y may be nested.
        batch_size: Records in a batch; the last one may hold fewer.
        shuffle_seed: Shuffle anew in each epoch, the orders following from this seed.
    """
    tensors = _as_tensors(part)
    count = _length(tensors)
    indices = tf.data.Dataset.range(count)
    if shuffle_seed is not None:
        indices = indices.shuffle(count, seed=shuffle_seed, reshuffle_each_iteration=True)

    def gather(rows: tf.Tensor) -> Any:
        return tf.nest.map_structure(lambda tensor: tf.gather(tensor, rows), tensors)

    return indices.batch(batch_size).map(gather).prefetch(2)


def rebatched(part: tf.data.Dataset, batch_size: int) -> tf.data.Dataset:
    """A data set of batches, cut into batches of another size."""
    return part.unbatch().batch(batch_size)


def first_batch(part: Any, batch_size: int) -> tuple[Any, ...]:
    """The first batch of a part, as `(x,)`, `(x, y)` or `(x, y, sample_weight)`."""
    if is_arrays(part):
        return tuple(tf.nest.map_structure(lambda tensor: tensor[:batch_size], _as_tensors(part)))
    batch = part[0] if isinstance(part, keras.utils.PyDataset) else next(iter(part))
    return tuple(batch) if isinstance(batch, tuple | list) else (batch,)


def describe(part: Any) -> str:
    """Shapes and types of a part's records: `(28, 28) float32 with () int64`."""
    first = first_batch(part, 1)
    leaves = [tf.nest.map_structure(_describe_leaf, piece) for piece in first]
    return " with ".join(str(leaf) for leaf in leaves)


def _describe_leaf(tensor: Any) -> str:
    array = np.asarray(tensor)
    return f"{tuple(array.shape[1:])} {array.dtype}"


def _as_tensors(part: Any) -> Any:
    if id(part) not in _tensors:
        _tensors[id(part)] = (part, tf.nest.map_structure(tf.convert_to_tensor, _tuples(part)))
    return _tensors[id(part)][1]


def _tuples(piece: Any) -> Any:
    """Lists as tuples: tf.data would stack the arrays of a list."""
    if isinstance(piece, list | tuple):
        return tuple(_tuples(item) for item in piece)
    if isinstance(piece, dict):
        return {name: _tuples(item) for name, item in piece.items()}
    return piece


def _length(tensors: Any) -> int:
    return int(tf.nest.flatten(tensors)[0].shape[0])
