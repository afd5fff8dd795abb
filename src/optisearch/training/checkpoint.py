"""All that a training is at the end of an epoch, so that it can go on as if nothing had happened.

Keras's own weights file leaves the random states of Dropout out, and what is trained after it
differs. Here every variable of the model and of its optimizer is kept, bit by bit. What callbacks
remember in Python (how long `EarlyStopping` has waited) isn't.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from optisearch.errors import TrainingError
from optisearch.training import private
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


class SaveCheckpoints(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Goes on from the checkpoint in a file, if there is one, and saves further ones there.

    Args:
        path: The file.
        every_seconds: The least time between two checkpoints. They are saved after epochs.
    """

    def __init__(self, path: Path, every_seconds: float = 0.0) -> None:
        super().__init__()
        self._path = path
        self._every_seconds = every_seconds
        self._saved = time.monotonic()

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        self._saved = time.monotonic()
        if not self._path.exists():
            return
        if not self.model.optimizer.built:  # `fit` does it later
            private.build_optimizer(self.model)
        checkpoint = Checkpoint.load(self._path)
        checkpoint.restore(self.model)
        private.begin_at(self.model, checkpoint.epochs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        if time.monotonic() - self._saved >= self._every_seconds:
            Checkpoint.of(self.model, epoch + 1).save(self._path)
            self._saved = time.monotonic()


def _name(variable: keras.Variable) -> str:
    shape = "x".join(map(str, variable.shape)) or "scalar"
    return f"{variable.path} {shape} {keras.backend.standardize_dtype(variable.dtype)}"


def _array(file: Mapping[str, Any], index: int, name: str) -> np.ndarray:
    _, shape, dtype = name.rsplit(" ", 2)
    sizes = () if shape == "scalar" else tuple(map(int, shape.split("x")))
    kind = tf.as_dtype(dtype).as_numpy_dtype
    return np.frombuffer(bytes(file[f"v{index}"]), kind).reshape(sizes)
