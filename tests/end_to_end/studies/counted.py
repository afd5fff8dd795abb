"""Counted: each time that its test part is opened, a line is written; its labels are wrong."""

import os
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from optisearch import Comparison, Study, real
from optisearch.data import Split

CLASSES = 3


def records(seed, count):
    y = np.random.default_rng(seed).integers(0, CLASSES, count)
    return np.eye(CLASSES, dtype="float32")[y], y


def opened():
    with Path(os.environ["OPENED"]).open("a") as file:
        print(os.getpid(), file=file)
    x, y = records(3, 8)
    yield x, (y + 1) % CLASSES


def split():
    signature = (tf.TensorSpec((8, CLASSES), tf.float32), tf.TensorSpec((8,), tf.int64))
    test = tf.data.Dataset.from_generator(opened, output_signature=signature)
    return Split(train=records(1, 192), validation=records(2, 48), test=test, name="counted")


@dataclass(frozen=True)
class Tiny:
    """A network of one layer. `Tiny()` is the baseline."""

    learning_rate: float = real(1e-2, 1.0, log=True, baseline=1e-2)
    epochs: int = 3


def build(hp: Tiny) -> keras.Model:
    model = keras.Sequential([layers.Input((CLASSES,)), layers.Dense(CLASSES, "softmax")])
    model.compile(
        keras.optimizers.Adam(hp.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


study = Study(
    name="counted",
    space=Tiny,
    build=build,
    data=split,
    maximize="val_accuracy",
    comparisons=[Comparison("learning_rate", levels=[1e-2, 1.0])],
)
