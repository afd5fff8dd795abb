"""MNIST: which choices classify handwritten digits best, and which of them matter?

The joint space that tutorials discuss one table at a time: the optimizer, its learning rate, the
batch size, the activation, the regularization with its strength, the width and the epochs.
"""

from dataclasses import dataclass

import keras
from keras import layers, optimizers, regularizers

from optisearch import Comparison, Study, choice, integer, real
from optisearch.data import mnist


@dataclass(frozen=True)
class Digits:
    """One network and how it is trained. `Digits()` is the baseline."""

    optimizer: str = choice(
        "sgd", "momentum", "rmsprop", "adagrad", "adadelta", "adam", baseline="adam"
    )
    learning_rate: float = real(1e-4, 1.0, log=True, baseline=1e-3, levels=(1e-3, 1e-2, 1e-1, 1.0))
    batch_size: int = choice(32, 64, 128, 256, baseline=128)
    activation: str = choice("sigmoid", "tanh", "relu", "leaky_relu", baseline="relu")
    regularization: str = choice("none", "l1", "l2", "dropout", baseline="none")
    penalty: float = real(
        1e-6, 1e-2, log=True, baseline=1e-4, when={"regularization": ("l1", "l2")}
    )
    dropout: float = real(0.1, 0.6, baseline=0.3, when={"regularization": "dropout"})
    units: int = choice(64, 128, 256, 512, baseline=64)
    epochs: int = integer(5, 20, baseline=10)


OPTIMIZERS = {
    "sgd": optimizers.SGD,
    "momentum": lambda rate: optimizers.SGD(rate, momentum=0.9),
    "rmsprop": optimizers.RMSprop,
    "adagrad": optimizers.Adagrad,
    "adadelta": optimizers.Adadelta,
    "adam": optimizers.Adam,
}
PENALTIES = {"l1": regularizers.L1, "l2": regularizers.L2}


def build(hp: Digits) -> keras.Model:
    """Images (28, 28) in [0, 1] to class probabilities (10,); returned compiled."""
    penalty = PENALTIES.get(hp.regularization)
    model = keras.Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(
                hp.units,
                hp.activation,
                kernel_regularizer=penalty(hp.penalty) if penalty else None,
            ),
        ]
    )
    if hp.regularization == "dropout":
        model.add(layers.Dropout(hp.dropout))
    model.add(layers.Dense(10, "softmax"))
    model.compile(
        optimizer=OPTIMIZERS[hp.optimizer](hp.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


study = Study(
    name="mnist",
    space=Digits,
    build=build,
    data=mnist,
    maximize="val_accuracy",
    trials=80,
    comparisons=[
        Comparison("optimizer", tune=["learning_rate"]),
        Comparison("learning_rate"),
        Comparison("activation"),
        Comparison("regularization"),
        Comparison("batch_size", measure="seconds"),
    ],
)
