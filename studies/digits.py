"""Digits: a first taste in under a minute, on the 1,797 small images that scikit-learn brings."""

from dataclasses import dataclass

import keras
from keras import layers, optimizers

from optisearch import Study, choice, integer, real
from optisearch.data import digits


@dataclass(frozen=True)
class Small:
    """One small network. `Small()` is the baseline."""

    optimizer: str = choice("SGD", "RMSprop", "Adam", baseline="Adam")
    learning_rate: float = real(1e-4, 1.0, log=True, baseline=1e-3)
    batch_size: int = choice(32, 64, 128, baseline=64)
    activation: str = choice("tanh", "relu", baseline="relu")
    dropout: float = real(0.0, 0.5, baseline=0.0)
    epochs: int = integer(5, 20, baseline=10)


def build(hp: Small) -> keras.Model:
    """Images (8, 8) in [0, 1] to class probabilities (10,); returned compiled."""
    model = keras.Sequential(
        [
            layers.Input((8, 8)),
            layers.Flatten(),
            layers.Dense(64, hp.activation),
            layers.Dropout(hp.dropout),
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile(
        optimizer=getattr(optimizers, hp.optimizer)(hp.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


study = Study(name="digits", space=Small, build=build, data=digits, maximize="val_accuracy")
