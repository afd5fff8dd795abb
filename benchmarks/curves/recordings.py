"""What is recorded: of which study, at which levels of which factors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Recording:
    """What is recorded of a study.

    Attributes:
        levels: Factor → its levels. Any other factor is held at its baseline; epochs are not
            among them: each point is trained to the largest number.
        train_samples: How many records to train on; None for all.
    """

    levels: Mapping[str, tuple[Any, ...]]
    train_samples: int | None = None


def logarithmic(low: float, high: float, count: int) -> tuple[float, ...]:
    """So many levels, evenly apart in their logarithms, rounded to three digits."""
    return tuple(float(f"{level:.3g}") for level in np.geomspace(low, high, count))


RECORDINGS = {
    "digits": Recording(
        {
            "optimizer": ("SGD", "RMSprop", "Adam"),
            "learning_rate": logarithmic(1e-4, 1.0, 13),
            "batch_size": (32, 64, 128),
            "activation": ("tanh", "relu"),
            "dropout": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
        }
    ),
    "mnist": Recording(
        {
            "optimizer": ("sgd", "momentum", "rmsprop", "adagrad", "adadelta", "adam"),
            "learning_rate": logarithmic(1e-4, 1.0, 9),
            "batch_size": (32, 128),
            "activation": ("sigmoid", "tanh", "relu"),
            "regularization": ("none", "l2", "dropout"),
            "penalty": (1e-5, 1e-3),
            "dropout": (0.3,),
        },
        train_samples=10_000,
    ),
}
