"""A part of a split: what training, validation or test consists of.

A part is one of

* a tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)`, each an array or dicts, lists and tuples of
  arrays, whose first dimension counts the records;
* a `tf.data.Dataset` or a `keras.utils.PyDataset` of batches.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from optisearch.errors import DataError, Problem

Part = Any

_MOST_ARRAYS = 3  # x, y and sample_weight: what keras.Model.fit takes
_INFINITE = -1  # tf.data.INFINITE_CARDINALITY
_SINGLE_VALUE = bool | int | float | str | bytes | np.generic
_WANTED = "give (x, y), a tf.data.Dataset of batches or a keras.utils.PyDataset"


def is_dataset(part: Part) -> bool:
    """Whether a part is a `tf.data.Dataset`."""
    # Whoever made one has imported TensorFlow: no need to do it here.
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and isinstance(part, tensorflow.data.Dataset)


def is_py_dataset(part: Part) -> bool:
    """Whether a part is a `keras.utils.PyDataset`."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(part, keras.utils.PyDataset)


def is_batches(part: Part) -> bool:
    """Whether a part yields batches, rather than being arrays."""
    return is_dataset(part) or is_py_dataset(part)


def batches(part: Part) -> int | None:
    """The number of batches; None where it is unknown and -1 where they never end."""
    if is_dataset(part):
        count = int(part.cardinality())
        return None if count < _INFINITE else count
    try:
        known: int | None = part.num_batches
    except NotImplementedError:
        return _INFINITE
    return _INFINITE if known is None else known


def size(part: Part) -> int | None:
    """The number of records; for batches their number, or None where it is unknown."""
    if is_batches(part):
        return batches(part)
    _, array = next(leaves(part))
    return len(array)


def convert(function: Callable[[Any], Any], node: Any) -> Any:
    """The same dicts, lists and tuples with `function` applied to their leaves."""
    if isinstance(node, dict):
        return {key: convert(function, item) for key, item in node.items()}
    if isinstance(node, list | tuple):
        items = [convert(function, item) for item in node]
        return type(node)(*items) if hasattr(node, "_fields") else type(node)(items)
    return function(node)


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves with their paths (`[0]['image']`), in the order of the sorted keys."""
    if isinstance(node, dict):
        for key in sorted(node, key=repr):
            yield from leaves(node[key], f"{path}[{key!r}]")
    elif isinstance(node, list | tuple):
        for index, item in enumerate(node):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, node


def sealed(part: Part) -> Part:
    """The part with its array-likes as read-only NumPy arrays, not copied; batches as they are.

    All trials of a worker share the arrays: one that could write to them would change the data of
    those after it.
    """
    return part if is_batches(part) else convert(_sealed_array, part)


def _sealed_array(leaf: Any) -> Any:
    if isinstance(leaf, np.ma.MaskedArray | np.generic) or not hasattr(leaf, "__array__"):
        return leaf
    array = np.asarray(leaf).view()
    array.flags.writeable = False
    return array


def select(part: Part, records: np.ndarray) -> Part:
    """The records with these indices, shape (n,), in this order."""
    return convert(lambda array: array[records], part)


def joined(one: Part, other: Part, *, where: str) -> Part:
    """The records of both.

    Raises:
        DataError: They are of different kinds, or of a kind that can't be joined.
    """
    if is_dataset(one) and is_dataset(other):
        return one.concatenate(other)
    if is_batches(one) or is_batches(other) or len(one) != len(other):
        raise DataError(
            "training and validation can't be joined: they are of different kinds, or a PyDataset",
            where=where,
            remedy="Make both arrays of the same kind, or both a tf.data.Dataset",
        )
    arrays = iter([leaf for _, leaf in leaves(_in_order(other))])
    return convert(lambda leaf: np.concatenate([leaf, next(arrays)]), _in_order(one))


def _in_order(node: Any) -> Any:
    """The same with its dicts sorted as `leaves` sorts them."""
    if isinstance(node, dict):
        return {key: _in_order(node[key]) for key in sorted(node, key=repr)}
    if isinstance(node, list | tuple):
        items = [_in_order(item) for item in node]
        return type(node)(*items) if hasattr(node, "_fields") else type(node)(items)
    return node


def problems(field: str, part: Part) -> Iterator[Problem]:
    """What is wrong with a part that `sealed` has returned."""
    if is_batches(part):
        yield from _batch_problems(field, part)
    elif not isinstance(part, tuple):
        remedy = f"write {field}=(x, y)" if isinstance(part, list | np.ndarray) else _WANTED
        yield Problem(field, f"its type is {type(part).__name__}", remedy)
    elif not 1 <= len(part) <= _MOST_ARRAYS:
        yield Problem(
            field, f"it has {len(part)} members", "give (x,), (x, y) or (x, y, sample_weight)"
        )
    else:
        yield from _array_problems(field, part)


def _batch_problems(field: str, part: Part) -> Iterator[Problem]:
    count = batches(part)
    if count == _INFINITE and is_dataset(part):
        yield Problem(field, "the dataset never ends", "end it: dataset.take(batches)")
    elif count == _INFINITE:
        yield Problem(field, "the PyDataset never ends", "give it a __len__, in batches")
    elif count == 0:
        yield Problem(field, "it has no batches", "give it some")


def _array_problems(field: str, part: Part) -> Iterator[Problem]:
    sizes: dict[str, int] = {}
    for name, member in zip(("x", "y", "sample_weight"), part, strict=False):
        found = list(leaves(member, name))
        if not found:
            yield Problem(f"{field}.{name}", "it holds no arrays", "give it some, or leave it out")
        if any(isinstance(leaf, _SINGLE_VALUE) for _, leaf in found):  # one problem, not thousands
            yield Problem(
                f"{field}.{name}",
                "it holds single values, not arrays",
                f"make it one array: np.asarray({name})",
            )
            continue
        for path, leaf in found:
            faults = list(_leaf_problems(f"{field}.{path}", leaf))
            yield from faults
            if not faults:
                sizes[path] = len(leaf)
    if len(set(sizes.values())) > 1:
        counts = ", ".join(f"{path} has {count:,}" for path, count in sizes.items())
        yield Problem(
            field, f"the numbers of records differ: {counts}", "give each record one row in each"
        )


def _leaf_problems(field: str, leaf: Any) -> Iterator[Problem]:
    if isinstance(leaf, np.ma.MaskedArray):
        yield Problem(field, "the array is masked", "fill it: array.filled(value)")
    elif not isinstance(leaf, np.ndarray):
        remedy = "leave it out" if leaf is None else "make it one: np.asarray(…)"
        yield Problem(field, f"{_short(leaf)} is no array", remedy)
    elif leaf.dtype.hasobject:
        yield Problem(
            field,
            f"the array holds Python objects (dtype {leaf.dtype})",
            'give it one type of fixed size: array.astype("float32")',
        )
    elif leaf.dtype.names is not None:
        yield Problem(
            field,
            "the array is a table of named columns",
            'give each its own array: {"age": table["age"], …}',
        )
    elif leaf.ndim == 0:
        yield Problem(field, "the array is a single value", "give it a row for each record")
    elif leaf.size == 0:
        yield Problem(field, f"the array is empty, shape {leaf.shape}", "give it records")


def _short(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
