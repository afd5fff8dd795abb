"""Curves: digits by a small convolutional network, whose trials take long enough to be drawn."""

from dataclasses import dataclass

import keras
from keras import layers

from optisearch import Study, choice, real
from optisearch.data import digits


@dataclass(frozen=True)
class Small:
    """A network of three layers. `Small()` is the baseline."""

    learning_rate: float = real(1e-3, 1e-1, log=True, baseline=1e-2)
    activation: str = choice("relu", "tanh", baseline="relu")
    batch_size: int = 32
    epochs: int = 50


def build(hp: Small) -> keras.Model:
    model = keras.Sequential(
        [
            layers.Input((8, 8)),
            layers.Reshape((8, 8, 1)),
            layers.Conv2D(32, 3, activation=hp.activation),
            layers.Conv2D(32, 3, activation=hp.activation),
            layers.Flatten(),
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(hp.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


study = Study(name="curves", space=Small, build=build, data=digits, maximize="val_accuracy")
