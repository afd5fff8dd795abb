"""MNIST: how many parameters does how much accuracy take?"""

from dataclasses import dataclass

import keras
from keras import layers

from optisearch import Study, choice, integer, real
from optisearch.data import mnist


@dataclass(frozen=True)
class Small:
    """A small convolutional network. `Small()` is the baseline."""

    filters: int = integer(1, 32, log=True, baseline=8)
    units: int = integer(4, 64, log=True, baseline=32)
    activation: str = choice("relu", "tanh", baseline="relu")
    learning_rate: float = real(1e-4, 1e-1, log=True, baseline=1e-3)
    batch_size: int = choice(32, 64, 128, baseline=64)
    epochs: int = 6


def build(hp: Small) -> keras.Model:
    """Images (28, 28) in [0, 1] to class probabilities (10,); returned compiled."""
    model = keras.Sequential(
        [
            layers.Input((28, 28)),
            layers.Reshape((28, 28, 1)),
            # A stride in place of a first pooling: half of the time.
            layers.Conv2D(hp.filters, 5, strides=2, activation=hp.activation),
            layers.Conv2D(2 * hp.filters, 3, activation=hp.activation),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(hp.units, hp.activation),
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(hp.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


study = Study(
    name="mnist_cost",
    space=Small,
    build=build,
    data=mnist,
    maximize="val_accuracy",  # trials are pruned by it
    minimize="parameters",
    trials=60,
)
