"""Document B's first three tables, by hand: optimizers, learning rates and activations on MNIST.

python benchmarks/scripts/mnist.py optimizer|learning_rate|activation [SEEDS] [RECORDS]
"""
# As such scripts are written.
# ruff: noqa: ANN001, ANN201

import sys

import keras
import numpy as np
from keras import layers

from optisearch.data import mnist

TABLE = sys.argv[1]
SEEDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
RECORDS = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000

# The same records as ours, whatever the tutorial took; keras.datasets.mnist would load all.
data = mnist(RECORDS)
x_train, y_train = data.train

LEVELS = {
    "optimizer": ["sgd", "momentum", "rmsprop", "adagrad", "adadelta", "adam"],
    "learning_rate": [0.001, 0.01, 0.1, 1.0],
    "activation": ["sigmoid", "tanh", "relu", "leaky_relu"],
}


def accuracy(seed, optimizer="adam", learning_rate=0.001, activation="relu"):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(64, activation=activation),
            layers.Dense(10, activation="softmax"),
        ]
    )
    if optimizer == "momentum":
        made = keras.optimizers.SGD(learning_rate, momentum=0.9)
    else:
        made = keras.optimizers.get(optimizer)
        made.learning_rate = learning_rate
    model.compile(made, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x_train,
        y_train,
        batch_size=128,
        epochs=10,
        validation_data=data.validation,
        verbose=0,
    )
    return history.history["val_accuracy"][-1]


for level in LEVELS[TABLE]:
    found = [accuracy(seed, **{TABLE: level}) for seed in range(SEEDS)]
    print(f"{level!s:10} {np.mean(found):.4f} ± {np.std(found, ddof=1):.4f}", flush=True)
