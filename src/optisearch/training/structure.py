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
import random
import types
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf

from optisearch.training.knobs import KNOBS
from optisearch.training.readable import OF_EVERY_CLASS, behind, is_librarys, names

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
    reader = _Reader(model)
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

    def __init__(self, model: keras.Model) -> None:
        self.owners: list[Any] = []
        # Those whose values a twin is given.
        known = (*model.variables, *model.optimizer.variables)
        self._variables = {id(variable) for variable in known}
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
        if isinstance(value, tf.Variable | random.Random) or not hasattr(value, "__dict__"):
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
        if isinstance(value, keras.Metric):
            self._variables |= set(map(id, value.variables))
        return (self._class(type(value)), topology, self.describe(state))

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
        enclosed = tuple(map(self._cell, function.__closure__ or ()))
        read = () if is_librarys(function.__module__) else tuple(self._globals(function))
        defaults = self.describe((function.__defaults__, function.__kwdefaults__))
        state = self.describe(vars(function))
        return ("function", function.__module__, function.__code__, enclosed, defaults, state, read)

    def _cell(self, cell: types.CellType) -> Hashable:
        try:
            return self.describe(cell.cell_contents)
        except ValueError:  # it is empty
            return None

    @_described.register
    def _(self, method: types.MethodType) -> Hashable:
        return ("method", self.describe(method.__func__), self.describe(method.__self__))

    @_described.register(types.BuiltinFunctionType | types.ModuleType | np.ufunc)
    @_described.register(types.MemberDescriptorType | types.GetSetDescriptorType)
    def _(self, value: Any) -> Hashable:
        return cast("Hashable", value)

    @_described.register
    def _(self, partial: functools.partial) -> Hashable:  # type: ignore[type-arg]
        return tuple(map(self.describe, (partial.func, partial.args, partial.keywords)))

    @_described.register
    def _(self, variable: keras.Variable) -> Hashable:
        if id(variable) not in self._variables:
            raise Opaque("a variable of neither the model, its metrics nor its optimizer")
        kind = (tuple(variable.shape), variable.dtype, variable.trainable, variable.name)
        return ("variable", *kind, variable.aggregation)

    @_described.register
    def _(self, initializer: keras.Initializer) -> Hashable:
        # Its seed decides about values of variables, and those are data.
        state = {name: each for name, each in vars(initializer).items() if "seed" not in name}
        return (type(initializer), self.describe(state))

    def _globals(self, function: types.FunctionType) -> Iterator[Hashable]:
        """What a function, and those inside it, may read by a global name."""
        found = set(names(function.__code__))
        yield from self._named(found, function.__globals__)

    def _named(self, names: set[str], namespace: Mapping[str, Any]) -> Iterator[Hashable]:
        for name in sorted(names & namespace.keys()):
            value = namespace[name]
            if isinstance(value, types.ModuleType):
                yield name, value
                if not is_librarys(value.__name__) and id(value) not in self._met:
                    self._met[id(value)] = len(self._met)
                    yield tuple(self._named(names, vars(value)))
            else:
                yield name, self._class(value) if isinstance(value, type) else self.describe(value)

    def _class(self, kind: type) -> Hashable:
        """By what it is; a class that no library brings also by what is read through it."""
        if is_librarys(kind.__module__) or id(kind) in self._met:
            return kind
        self._met[id(kind)] = len(self._met)
        own = [
            (name, self.describe(behind(each)))
            for name, each in vars(kind).items()
            if not name.startswith(OF_EVERY_CLASS)
        ]
        return (kind, *map(self._class, kind.__bases__), *own)


def _topology(model: keras.Model) -> Hashable:
    """How a functional model's layers are connected; None for one that connects them in `call`."""
    if not hasattr(model, "_nodes_by_depth"):
        return None
    config = model.get_config()
    connections = [(layer["name"], repr(layer["inbound_nodes"])) for layer in config["layers"]]
    return (*connections, repr(config["input_layers"]), repr(config["output_layers"]))
