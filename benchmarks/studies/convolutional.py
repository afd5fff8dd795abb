"""The network of `studies/mnist_convolutional.py`, its batches of 64, trained by us and by others.

That study has a training loop of its own; this one has a `build`, as most have.
"""

from dataclasses import dataclass

import keras
from keras import layers

from optisearch import Study, real
from optisearch.data import mnist


@dataclass(frozen=True)
class Convolutional:
    """All that varies is the learning rate."""

    learning_rate: float = real(1e-4, 1e-2, log=True, baseline=1e-3)
    batch_size: int = 64
    epochs: int = 2


def build(hp: Convolutional) -> keras.Model:
    """Images (28, 28) in [0, 1] to class probabilities (10,); returned compiled."""
    model = keras.Sequential(
        [
            layers.Input((28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(256, "relu"),
            layers.Dropout(0.5),
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(hp.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


study = Study(
    name="convolutional", space=Convolutional, build=build, data=mnist, maximize="val_accuracy"
)
