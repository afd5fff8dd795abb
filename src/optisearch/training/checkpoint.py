"""All that a training is at the end of an epoch, so that it can go on as if nothing had happened.

Keras's own weights file leaves the random states of Dropout out, and what is trained after it
differs. Here every variable of the model and of its optimizer is kept, bit by bit. What callbacks
remember in Python (how long `EarlyStopping` has waited) isn't.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np

from optisearch.errors import TrainingError
from optisearch.training.twins import variables

_FORMAT = "optisearch checkpoint 1"


@dataclass(frozen=True)
class Checkpoint:
    """The state of a training.

    Attributes:
        epochs: How many epochs are trained: the next one's number, counted from 0.
        values: The values of the variables, in the order of `twins.variables`.
        names: What they are, `path shape dtype`, to see that a model is the same.
    """

    epochs: int
    values: tuple[np.ndarray, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, model: keras.Model, epochs: int) -> Self:
        """The state of a model that was trained for so many epochs."""
        found = variables(model)
        values = tuple(variable.numpy() for variable in found)
        return cls(epochs, values, tuple(map(_name, found)))

    def restore(self, model: keras.Model) -> None:
        """Give a model this state.

        Args:
            model: A model that was built in the same way, whose variables exist.

        Raises:
            TrainingError: It has other variables.
        """
        found = variables(model)
        names = tuple(map(_name, found))
        if names != self.names:
            other = sorted(set(names) ^ set(self.names))
            raise TrainingError(
                f"the checkpoint is of another model; they differ in {', '.join(other[:5])}",
                where="checkpoint",
                remedy="Delete it: the trial then begins anew",
            )
        for variable, value in zip(found, self.values, strict=True):
            variable.assign(value)

    def save(self, path: Path) -> None:
        """Write it, all or nothing: a file that is there already is replaced at the end."""
        head = json.dumps({"format": _FORMAT, "epochs": self.epochs, "names": self.names})
        # As bytes: a file of NumPy's doesn't know bfloat16.
        arrays: dict[str, Any] = {
            f"v{index}": np.frombuffer(value.tobytes(), np.uint8)
            for index, value in enumerate(self.values)
        }
        partial = path.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as file:
            np.savez(file, head=np.frombuffer(head.encode(), np.uint8), **arrays)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read it. Nothing in it is executed.

        Raises:
            TrainingError: It is damaged, or no checkpoint.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                head = json.loads(bytes(file["head"]))
                names = tuple(head["names"])
                values = tuple(_array(file, *pair) for pair in enumerate(names))
            assert head["format"] == _FORMAT, head["format"]
            return cls(int(head["epochs"]), values, names)
        except Exception as error:
            raise TrainingError(
                f"the file is no checkpoint, or damaged ({error})",
                where=str(path),
                remedy="Delete it: the trial then begins anew",
            ) from None


def _name(variable: keras.Variable) -> str:
    shape = "x".join(map(str, variable.shape)) or "scalar"
    return f"{variable.path} {shape} {keras.backend.standardize_dtype(variable.dtype)}"


def _array(file: Mapping[str, Any], index: int, name: str) -> np.ndarray:
    _, shape, dtype = name.rsplit(" ", 2)
    sizes = () if shape == "scalar" else tuple(map(int, shape.split("x")))
    kind = keras.ops.convert_to_numpy(keras.ops.zeros((), dtype)).dtype
    return np.frombuffer(bytes(file[f"v{index}"]), kind).reshape(sizes)
