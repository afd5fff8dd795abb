"""The space that all searches race in: MLPs on MNIST, trained 10 epochs.

Epochs are fixed, for Hyperband has its own way with them: 10, or what RACE_EPOCHS says.
"""

import os
from dataclasses import dataclass

import keras
from keras import layers, optimizers

from optisearch import Study, choice, real
from optisearch.data import mnist

EPOCHS = int(os.environ.get("RACE_EPOCHS", "10"))


@dataclass(frozen=True)
class Race:
    """One MLP and how it is trained. The peers get the same names, options and ranges."""

    optimizer: str = choice(
        "sgd", "momentum", "rmsprop", "adagrad", "adadelta", "adam", baseline="adam"
    )
    learning_rate: float = real(1e-4, 1.0, log=True, baseline=1e-3)
    batch_size: int = choice(32, 64, 128, 256, baseline=128)
    activation: str = choice("sigmoid", "tanh", "relu", "leaky_relu", baseline="relu")
    units: int = choice(64, 128, 256, 512, baseline=64)
    dropout: float = real(0.0, 0.5, step=0.1, baseline=0.0)
    epochs: int = EPOCHS


OPTIMIZERS = {
    "sgd": optimizers.SGD,
    "momentum": lambda rate: optimizers.SGD(rate, momentum=0.9),
    "rmsprop": optimizers.RMSprop,
    "adagrad": optimizers.Adagrad,
    "adadelta": optimizers.Adadelta,
    "adam": optimizers.Adam,
}


def build(hp: Race) -> keras.Model:
    """Images (28, 28) in [0, 1] to class probabilities (10,); returned compiled."""
    model = keras.Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(hp.units, hp.activation),
            layers.Dropout(hp.dropout),
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile(
        OPTIMIZERS[hp.optimizer](hp.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


study = Study(name="race", space=Race, build=build, data=mnist, maximize="val_accuracy")
