"""The study file that `optisearch new` writes: complete, small, and meant to be changed."""

import re
from pathlib import Path

from optisearch.errors import OptisearchError

_TEXT = '''"""{title}: which settings suit this model best?"""

from dataclasses import dataclass

import keras
from keras import layers, optimizers, regularizers

from optisearch import Study, choice, integer, real
from optisearch.data import digits  # or: Split.cut(x, y, name="mine", validation=0.2, test=0.2)


@dataclass(frozen=True)
class Space:
    """What may vary. `Space()` is the baseline."""

    optimizer: str = choice("SGD", "RMSprop", "Adam", baseline="Adam")
    learning_rate: float = real(1e-4, 1.0, log=True, baseline=1e-3)
    batch_size: int = choice(32, 64, 128, baseline=64)  # given to fit, as epochs is
    activation: str = choice("tanh", "relu", baseline="relu")
    regularization: str = choice("none", "l2", "dropout", baseline="none")
    penalty: float = real(1e-6, 1e-2, log=True, baseline=1e-4, when={{"regularization": "l2"}})
    dropout: float = real(0.1, 0.6, baseline=0.3, when={{"regularization": "dropout"}})
    epochs: int = integer(5, 20, baseline=10)
    units: int = 64  # no range: fixed


def build(hp: Space) -> keras.Model:
    """A point of the space to a compiled model."""
    penalty = regularizers.L2(hp.penalty) if hp.regularization == "l2" else None
    model = keras.Sequential(
        [
            layers.Input((8, 8)),
            layers.Flatten(),
            layers.Dense(hp.units, hp.activation, kernel_regularizer=penalty),
            layers.Dropout(hp.dropout if hp.regularization == "dropout" else 0.0),
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile(
        optimizer=getattr(optimizers, hp.optimizer)(hp.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


study = Study(name="{name}", space=Space, build=build, data=digits, maximize="val_accuracy")
'''


def write(path: Path) -> None:
    """Write a study file.

    Raises:
        OptisearchError: The file is there already, or can't be written.
    """
    where = str(path)
    if path.suffix != ".py":
        raise OptisearchError(
            "a study file's name ends in .py", where=where, remedy=f"Use {path.with_suffix('.py')}"
        )
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_") or "mine"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEXT.format(name=name, title=name.capitalize()))
    except FileExistsError:
        raise OptisearchError(
            "the file is there already", where=where, remedy="Name another one; it wasn't touched"
        ) from None
    except OSError as error:
        raise OptisearchError(
            f"the file can't be written ({error.strerror})",
            where=where,
            remedy="Name a file in a folder that exists and is writable",
        ) from None
