"""What a fresh model's graphs would depend on, beside the values of its variables.

Two models of equal structure have the same graphs. Everything that Python code can read while a
graph is traced belongs to it: the attributes of layers, losses, metrics and optimizers, the code of
functions and what they enclose. Left out are the variables' values, which are data, and the knobs,
hyperparameters that a twin holds as variables.

What can't be described, because it holds anything (a file, a generator, a variable that Keras
doesn't know), makes a model unlike any other.
"""

import enum
import functools
import hashlib
import types
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf

from optisearch.training.knobs import KNOBS

# Bookkeeping of Keras and TensorFlow: about objects, not about what they compute.
_BOOKKEEPING = frozenset(
    {
        "_auto_config",
        "_call_signature",
        "_compile_config",
        "_compiled_trainable_state",
        "_distribution_strategy",
        "_inbound_nodes",
        "_initializer",
        "_lock",
        "_loss_ids",
        "_nodes",
        "_nodes_by_depth",
        "_operations_by_depth",
        "_outbound_nodes",
        "_tracked",
        "_tracker",
        "_value",
        "build",
        "history",
        "quantize",
    }
)
_TRACKABLE = "_self_"
_PLAIN = (
    bool,
    int,
    str,
    bytes,
    type(None),
    types.EllipsisType,
    np.dtype,
    tf.DType,
    type,
    enum.Enum,
)
_LIBRARIES = ("keras.", "tensorflow.", "numpy.", "optree.")
_MOST_BYTES = 2**20


class Opaque(Exception):
    """Something that can't be described."""


@dataclass(frozen=True)
class Structure:
    """Equal where the graphs are.

    Attributes:
        key: Everything that a trace may depend on.
        owners: The objects with a knob, in an order that equal structures share.
    """

    key: Hashable
    owners: tuple[Any, ...] = field(compare=False)


def structure(model: keras.Model, *others: Any) -> Structure | None:
    """The structure of a model that was built and compiled, and not traced yet.

    Args:
        model: The model.
        others: What else its graphs depend on: the types of the data, say.

    Returns:
        None for a model that is unlike any other.
    """
    reader = _Reader()
    try:
        key = (reader.describe(model), reader.describe(others), _settings())
    except (Opaque, RecursionError):
        return None
    return Structure(key, tuple(reader.owners))


def _settings() -> Hashable:
    """What the tracing of any model depends on."""
    return (
        keras.config.floatx(),
        keras.config.epsilon(),
        keras.config.image_data_format(),
        keras.config.dtype_policy().name,
    )


class _Reader:
    """Describes objects as nested tuples. One met again is described by when it was met first."""

    def __init__(self) -> None:
        self.owners: list[Any] = []
        self._met: dict[int, int] = {}
        # Their identities must stay their own as long as the reader lives.
        self._kept: list[Any] = []

    def describe(self, value: Any) -> Hashable:
        if isinstance(value, _PLAIN):
            return (type(value), value)
        if isinstance(value, float):
            return value.hex()
        if id(value) in self._met:
            return ("met", self._met[id(value)])
        self._met[id(value)] = len(self._met)
        self._kept.append(value)
        return self._described(value)

    @functools.singledispatchmethod
    def _described(self, value: Any) -> Hashable:
        if isinstance(value, tf.Variable) or not hasattr(value, "__dict__"):
            raise Opaque(type(value).__name__)
        state = {
            name: each
            for name, each in vars(value).items()
            if name not in _BOOKKEEPING and not name.startswith(_TRACKABLE)
        }
        if isinstance(value, keras.random.SeedGenerator):
            state.pop("_initial_seed", None)  # its state's first value, and that is a variable
        knob = KNOBS.get(type(value))
        if knob is not None and knob.turns(value):
            self.owners.append(value)
            state[knob.name] = "a variable"
        topology = _topology(value) if isinstance(value, keras.Model) else None
        return (type(value), topology, self.describe(state))

    @_described.register(list | tuple)
    def _(self, values: Sequence[Any]) -> Hashable:
        return (type(values).__name__, *map(self.describe, values))

    @_described.register
    def _(self, values: dict) -> Hashable:  # type: ignore[type-arg]  # they are inspected
        items = values.items()
        return ("dict", *((self.describe(key), self.describe(each)) for key, each in items))

    @_described.register(set | frozenset)
    def _(self, values: Any) -> Hashable:
        return ("set", *sorted(map(self.describe, values), key=repr))

    @_described.register(np.ndarray | np.generic | tf.Tensor)
    def _(self, value: Any) -> Hashable:
        array = np.asarray(value)
        if array.nbytes > _MOST_BYTES or array.dtype.hasobject:
            raise Opaque("a large array")
        return (array.shape, str(array.dtype), hashlib.sha256(array.tobytes()).hexdigest())

    @_described.register
    def _(self, function: types.FunctionType) -> Hashable:
        """By its code and everything that the code may read."""
        cells = function.__closure__ or ()
        enclosed = tuple(self.describe(cell.cell_contents) for cell in cells)
        read = () if _is_librarys(function) else tuple(self._globals(function))
        defaults = self.describe((function.__defaults__, function.__kwdefaults__))
        return ("function", function.__module__, function.__code__, enclosed, defaults, read)

    @_described.register
    def _(self, method: types.MethodType) -> Hashable:
        return ("method", self.describe(method.__func__), self.describe(method.__self__))

    @_described.register(types.BuiltinFunctionType | types.ModuleType | np.ufunc)
    def _(self, value: Any) -> Hashable:
        return cast("Hashable", value)

    @_described.register
    def _(self, partial: functools.partial) -> Hashable:  # type: ignore[type-arg]
        return tuple(map(self.describe, (partial.func, partial.args, partial.keywords)))

    @_described.register
    def _(self, variable: keras.Variable) -> Hashable:
        kind = (tuple(variable.shape), variable.dtype, variable.trainable, variable.name)
        return ("variable", *kind, variable.aggregation)

    @_described.register
    def _(self, initializer: keras.Initializer) -> Hashable:
        # Its seed decides about values of variables, and those are data.
        state = {name: each for name, each in vars(initializer).items() if "seed" not in name}
        return (type(initializer), self.describe(state))

    def _globals(self, function: types.FunctionType) -> Iterator[Hashable]:
        for name in function.__code__.co_names:
            value = function.__globals__.get(name)
            if isinstance(value, int | float | str | tuple):
                yield name, self.describe(value)


def _topology(model: keras.Model) -> Hashable:
    """How a functional model's layers are connected; None for one that connects them in `call`."""
    if not hasattr(model, "_nodes_by_depth"):
        return None
    config = model.get_config()
    connections = [(layer["name"], repr(layer["inbound_nodes"])) for layer in config["layers"]]
    return (*connections, repr(config["input_layers"]), repr(config["output_layers"]))


def _is_librarys(function: types.FunctionType) -> bool:
    return (function.__module__ or "").startswith(_LIBRARIES)
