"""All that a training is at the end of an epoch, so that it can go on as if nothing had happened.

Keras's own weights file leaves the random states of Dropout out, and what is trained after it
differs. Here every variable of the model and of its optimizer is kept, bit by bit, with what the
callbacks remember and with the history of the trial so far.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from optisearch.errors import TrainingError
from optisearch.training import memories
from optisearch.training.memories import Memory
from optisearch.training.twins import variables

_FORMAT = "optisearch checkpoint 1"

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Checkpoint:
    """The state of a training.

    Attributes:
        values: The values of the variables, in the order of `twins.variables`.
        names: What they are, `path shape dtype`, to see that a model is the same.
        rows: The trial's history, one row for each epoch that is trained.
        remembered: What the callbacks remember, in their order.
    """

    values: tuple[np.ndarray, ...]
    names: tuple[str, ...]
    rows: Rows
    remembered: Sequence[Memory] = ()

    @property
    def epochs(self) -> int:
        """The number of the next epoch, counted from 0."""
        return int(self.rows[-1]["epoch"]) + 1

    @classmethod
    def of(
        cls, model: keras.Model, rows: Rows, callbacks: Sequence[keras.callbacks.Callback] = ()
    ) -> Self:
        """The state of a model in training, at the end of an epoch.

        Args:
            model: The model.
            rows: The trial's history; the last row is this epoch's.
            callbacks: Those of the training.
        """
        found = variables(model)
        values = tuple(variable.numpy() for variable in found)
        return cls(values, names_of(found), tuple(rows), memories.of(callbacks))

    def restore(
        self, model: keras.Model, callbacks: Sequence[keras.callbacks.Callback] = ()
    ) -> None:
        """Give a model and its callbacks this state.

        Args:
            model: A model that was built in the same way, whose variables exist.
            callbacks: Those of its training, which has begun.

        Raises:
            TrainingError: It has other variables or callbacks. Nothing is changed.
        """
        found = variables(model)
        names = names_of(found)
        if names != self.names:
            other = sorted(set(names) ^ set(self.names))
            raise _unfit(f"is of another model; they differ in {', '.join(other[:5])}")
        if not memories.fit(self.remembered, callbacks):
            raise _unfit("is of a training with other callbacks")
        for variable, value in zip(found, self.values, strict=True):
            variable.assign(value)
        memories.restore(self.remembered, callbacks)

    def to_bytes(self) -> bytes:
        """As a file of NumPy's."""
        arrays = [*self.values, *(each for memory in self.remembered for each in memory.arrays)]
        head = {
            "format": _FORMAT,
            "names": self.names,
            "rows": self.rows,
            "memories": [(memory.kind, memory.plain) for memory in self.remembered],
            "arrays": [[_array_name(each) for each in memory.arrays] for memory in self.remembered],
        }
        file = io.BytesIO()
        # As bytes: a file of NumPy's doesn't know bfloat16.
        raw: dict[str, Any] = {
            f"v{index}": np.ascontiguousarray(array).reshape(-1).view(np.uint8)
            for index, array in enumerate(arrays)
        }
        np.savez(file, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **raw)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The one that was written so. Nothing in it is executed.

        Raises:
            TrainingError: It is damaged, or no checkpoint.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                head = json.loads(bytes(file["head"]))
                assert head["format"] == _FORMAT, head["format"]
                names = tuple(head["names"])
                kept = [name for each in head["arrays"] for name in each]
                arrays = [_array(file, *pair) for pair in enumerate([*names, *kept])]
            values, rest = tuple(arrays[: len(names)]), iter(arrays[len(names) :])
            remembered = [
                Memory(kind, plain, [next(rest) for _ in each])
                for (kind, plain), each in zip(head["memories"], head["arrays"], strict=True)
            ]
            return cls(values, names, tuple(head["rows"]), remembered)
        except Exception as error:
            raise _unfit(f"is damaged, or none ({error})") from None


def names_of(variables: Sequence[keras.Variable]) -> tuple[str, ...]:
    """What variables are, `path shape dtype`, to see that another model's are the same."""
    return tuple(map(_name, variables))


def _unfit(what: str) -> TrainingError:
    return TrainingError(f"its checkpoint {what}")


def _name(variable: keras.Variable) -> str:
    dtype = keras.backend.standardize_dtype(variable.dtype)
    return f"{variable.path} {_sizes(variable.shape)} {dtype}"


def _array_name(array: np.ndarray) -> str:
    return f"- {_sizes(array.shape)} {array.dtype.name}"


def _sizes(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape)) or "scalar"


def _array(file: Mapping[str, Any], index: int, name: str) -> np.ndarray:
    _, shape, dtype = name.rsplit(" ", 2)
    sizes = () if shape == "scalar" else tuple(map(int, shape.split("x")))
    kind = tf.as_dtype(dtype).as_numpy_dtype
    values: np.ndarray = file[f"v{index}"].view(kind).reshape(sizes)
    return values
