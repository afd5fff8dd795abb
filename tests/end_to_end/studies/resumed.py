"""Resumed: a study whose only trial can be held in an epoch, and leaves its final weights.

In the folder it is run in: `begun` gets a line for each epoch that begins; while `hold` is there, no
epoch from the eighth on begins; `final.npz` is everything that the training left behind.
"""

import atexit
import os
import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from optisearch import Study, real
from optisearch.data import digits

tf.config.experimental.enable_op_determinism()

WAY = os.environ.get("WAY", "graphs")


@dataclass(frozen=True)
class Network:
    """A network with random states of its own. `Network()` is the baseline."""

    learning_rate: float = real(1e-4, 1e-1, log=True, baseline=1e-2)
    batch_size: int = 64
    epochs: int = 12


def compiled(hp):
    model = keras.Sequential(
        [
            layers.Input((8, 8)),
            layers.Flatten(),
            layers.Dense(16, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(10, "softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(hp.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def rate(epoch, given):
    with Path("begun").open("a") as file:
        print(epoch, file=file)
    while epoch >= 7 and Path("hold").exists():
        time.sleep(0.01)
    return given * 0.95


def callbacks(_hp):
    made = [keras.callbacks.LearningRateScheduler(rate)]
    if WAY == "fit":
        made.append(keras.callbacks.TerminateOnNaN())
    atexit.register(leave, made[0])
    return made


def train(hp, data, run):
    keras.utils.set_random_seed(run.seed)
    made = callbacks(hp)
    run.fit(
        compiled(hp),
        *(data.train, data.validation),
        callbacks=made,
        batch_size=hp.batch_size,
        epochs=hp.epochs,
    )


def leave(callback):
    model = callback.model
    if model is not None:
        left = [variable.numpy() for variable in (*model.variables, *model.optimizer.variables)]
        np.savez("final.npz", *left)


how = {"train": train} if WAY == "run.fit" else {"build": compiled, "callbacks": callbacks}
study = Study(name="resumed", space=Network, data=digits, maximize="val_accuracy", **how)
