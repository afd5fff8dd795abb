"""Parts of a `Split` → what `keras.Model.fit` is fed with.

Arrays are gathered from tensors, batch by batch: nothing is copied beforehand, and nothing but an
epoch's order passes through Python. Arrays too large for that are gathered where they lie.
"""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from optisearch.training import arrays
from optisearch.training.order import order as order_of

Order = Callable[[], np.ndarray]


class Shuffle(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """The order of the records in the epoch that a `fit` is in. It is one of its callbacks."""

    def __init__(self, records: int, seed: int) -> None:
        super().__init__()
        self._records = records
        self._seed = seed
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        self._epoch = epoch

    def __call__(self) -> np.ndarray:
        return order_of(self._records, self._seed, self._epoch)


def feed(
    part: Any, batch_size: int | None, tensors: arrays.Tensors, *, order: Order | None = None
) -> Any:
    """What `fit` takes a part from.

    Args:
        part: A part of a `Split`.
        batch_size: Records in a batch; None leaves batches as they are.
        tensors: Where arrays are, or would be, on the device.
        order: The order of each epoch, for arrays.
    """
    if isinstance(part, keras.utils.PyDataset) or batch_size is None:
        return part
    if not arrays.is_arrays(part):
        return part.unbatch().batch(batch_size)
    if tensors.have_room_for(part):
        return gathered(tensors.of(part), batch_size, order=order)
    return Batches(part, batch_size, order=order)


def gathered(tensors: Any, batch_size: int, *, order: Order | None = None) -> tf.data.Dataset:
    """A data set of batches over arrays.

    Args:
        tensors: `(x,)`, `(x, y)` or `(x, y, sample_weight)`; x and y may be nested.
        batch_size: Records in a batch; the last one may hold fewer.
        order: Asked at the beginning of each epoch: int32 (n,), the records' order. By default
            they come as they are.
    """
    count = arrays.records(tensors)
    rows = tf.data.Dataset.range(count, output_type=tf.int32)
    if order is not None:

        @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
        def ordered(_: Any) -> tf.data.Dataset:
            rows = tf.numpy_function(order, [], tf.int32)
            return tf.data.Dataset.from_tensor_slices(tf.ensure_shape(rows, (count,)))

        rows = tf.data.Dataset.range(1).flat_map(ordered)
        rows = rows.apply(tf.data.experimental.assert_cardinality(count))
    batched = rows.batch(batch_size)

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def gather(rows: tf.Tensor) -> Any:
        return arrays.gathered(tensors, rows)

    return batched.map(gather).prefetch(2)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches gathered from arrays where they lie: in a file, say, larger than the memory."""

    def __init__(self, part: Any, batch_size: int, *, order: Order | None = None) -> None:
        super().__init__()
        self._part = arrays.tuples(part)
        self._batch_size = batch_size
        self._order = order
        self._rows: np.ndarray | None = None

    def __len__(self) -> int:
        return math.ceil(arrays.records(self._part) / self._batch_size)

    def __getitem__(self, index: int) -> Any:
        begin = index * self._batch_size
        if self._rows is None or (index == 0 and self._order is not None):
            self._rows = self._order() if self._order else np.arange(arrays.records(self._part))
        return arrays.gathered(self._part, self._rows[begin : begin + self._batch_size])


def first_batch(part: Any, batch_size: int) -> tuple[Any, ...]:
    """The first batch of a part, as `(x,)`, `(x, y)` or `(x, y, sample_weight)`."""
    if arrays.is_arrays(part):
        return tuple(tf.nest.map_structure(lambda leaf: leaf[:batch_size], arrays.tuples(part)))
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
