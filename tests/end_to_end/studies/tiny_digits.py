"""Tiny digits: the smallest real study, with Keras on scikit-learn's digits."""

from dataclasses import dataclass

import keras
from keras import layers

from optisearch import Study, choice, real
from optisearch.data import digits


@dataclass(frozen=True)
class Tiny:
    """A network of one layer. `Tiny()` is the baseline."""

    learning_rate: float = real(1e-4, 1e-1, log=True, baseline=1e-2)
    batch_size: int = choice(64, 128, baseline=64)
    epochs: int = 12


def build(hp: Tiny) -> keras.Model:
    model = keras.Sequential([layers.Input((8, 8)), layers.Flatten(), layers.Dense(10, "softmax")])
    model.compile(
        optimizer=keras.optimizers.Adam(hp.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


study = Study(name="tiny", space=Tiny, build=build, data=digits, maximize="val_accuracy")
