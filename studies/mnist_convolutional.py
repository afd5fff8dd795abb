"""Optimizers on a convolutional network, as the tutorial "Adam optimizer" compares them.

Each optimizer as Keras sets it up, the batch (one record, 64, or all of them), and wrong labels.
The tutorial watches MNIST's 10,000 test images while it trains. They are the validation part here,
and the test part that stays closed is cut from MNIST's training images.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers, optimizers

from optisearch import Comparison, Outcome, Run, Study, choice, integer, real
from optisearch.data import Split, TrainingData, mnist


@dataclass(frozen=True)
class Convolutional:
    """How one network is trained. `Convolutional()` is the baseline."""

    optimizer: str = choice(
        "adadelta", "adagrad", "adam", "rmsprop", "sgd", "momentum", baseline="adam"
    )
    # In multiples of Keras's default for the optimizer, which is another for each.
    learning_rate_scale: float = real(0.1, 100.0, log=True, baseline=1.0)
    batch: str = choice("1", "64", "all", baseline="64", searched=False)
    label_noise: float = real(0.0, 0.4, baseline=0.0, levels=(0.0, 0.2, 0.4), searched=False)
    epochs: int = integer(1, 20, baseline=10, searched=False)


CLASSES = 10
# What is held at once where the batch is "all": the activations of 1,000 images take about 0.2 GB.
LARGEST_CHUNK = 1000

OPTIMIZERS: dict[str, Callable[..., optimizers.Optimizer]] = {
    "adadelta": optimizers.Adadelta,
    "adagrad": optimizers.Adagrad,
    "adam": optimizers.Adam,
    "rmsprop": optimizers.RMSprop,
    "sgd": optimizers.SGD,
    "momentum": partial(optimizers.SGD, momentum=0.9),
}


def swapped() -> Split:
    """MNIST with its own 10,000 test images to choose by, and 10,000 training images kept closed.

    The validation part of `mnist`, a stratified cut of MNIST's training images, is the test part.
    """
    split = mnist()
    return replace(split, validation=split.test, test=split.validation)


def build(dropout: tuple[float, float] = (0.25, 0.5)) -> keras.Model:
    """Images (28, 28, 1) in [0, 1] to class probabilities (10,); not compiled."""
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(dropout[0]),
            layers.Flatten(),
            layers.Dense(256, "relu"),
            layers.Dropout(dropout[1]),
            layers.Dense(CLASSES, "softmax"),
        ]
    )


def train(hp: Convolutional, data: TrainingData, run: Run) -> Outcome:
    """Trains on batches of 1, of 64, or on all records at once."""
    keras.utils.set_random_seed(run.seed)
    images, labels = data.train
    model = build()
    size = compile_for(model, hp, len(images))
    run.fit(
        model,
        (images[..., None], one_hot(mislabelled(labels, hp.label_noise, run.seed))),
        (data.validation[0][..., None], one_hot(data.validation[1])),
        batch_size=size,
        epochs=hp.epochs,
        validation_batch_size=LARGEST_CHUNK,
        callbacks=[OptimizerState()],
    )
    return Outcome(parameters=parameters(model))


def compile_for(model: keras.Model, hp: Convolutional, records: int) -> int:
    """Compile the model, and say how many records it is to be given at a time.

    A batch of all records is given in equal chunks. Keras takes the mean of their gradients and
    then makes the epoch's one step: the same as at once, in a fraction of the memory.
    """
    size, chunks = (int(hp.batch), 1) if hp.batch != "all" else equal_chunks(records)
    optimizer = OPTIMIZERS[hp.optimizer](gradient_accumulation_steps=chunks if chunks > 1 else None)
    optimizer.learning_rate = float(optimizer.learning_rate) * hp.learning_rate_scale
    model.compile(
        optimizer,
        "categorical_crossentropy",
        metrics=["accuracy"],
    )
    return size


def equal_chunks(records: int) -> tuple[int, int]:
    """The largest chunks, of the same size all, that make up the records: their size and number.

    With chunks of different sizes, the mean of their gradients wouldn't be that of the records.
    """
    size = next(size for size in range(LARGEST_CHUNK, 0, -1) if records % size == 0)
    return size, records // size


def mislabelled(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """The labels (n,), this share of them replaced by one of the nine wrong ones."""
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(len(labels))[: round(share * len(labels))]
    noisy = labels.copy()
    noisy[wrong] = (noisy[wrong] + rng.integers(1, CLASSES, len(wrong))) % CLASSES
    return noisy


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Labels (n,) to (n, 10), 1 at the label and 0 elsewhere."""
    return keras.utils.to_categorical(labels, CLASSES)


def parameters(model: keras.Model) -> int:
    """The number of trainable parameters."""
    return sum(variable.value.shape.num_elements() for variable in model.trainable_variables)


class OptimizerState(keras.callbacks.Callback):
    """Adds to each epoch how many numbers the optimizer keeps for each parameter of the model."""

    def on_epoch_end(self, _epoch: int, logs: dict[str, Any] | None = None) -> None:
        kept = sum(int(np.prod(variable.shape)) for variable in self.model.optimizer.variables)
        if logs is not None:
            logs["state_per_parameter"] = kept / parameters(self.model)


TUTORIAL = "Adam optimizer"

study = Study(
    name="mnist_convolutional",
    space=Convolutional,
    train=train,
    data=swapped,
    maximize="val_accuracy",
    comparisons=[
        Comparison("optimizer", title="The optimizer, as Keras sets it up", source=TUTORIAL),
        Comparison(
            "optimizer",
            name="optimizer loss",
            measure="val_loss",
            title="The optimizer: the validation loss",
            source=TUTORIAL,
        ),
        Comparison(
            "optimizer",
            name="optimizer time",
            measure="seconds",
            title="The optimizer: the time of 10 epochs",
            source=TUTORIAL,
        ),
        Comparison(
            "optimizer",
            name="optimizer memory",
            measure="state_per_parameter",
            title="The optimizer: the numbers that it keeps for each parameter",
            source=TUTORIAL,
        ),
        # In an epoch, all records make one step and single ones 50,000.
        Comparison(
            "batch",
            base={"optimizer": "sgd", "epochs": 2},
            title="Gradient descent by one record, by 64, by all: the accuracy after 2 epochs",
            source=TUTORIAL,
        ),
        Comparison(
            "batch",
            name="batch time",
            base={"optimizer": "sgd", "epochs": 2},
            measure="seconds",
            title="Gradient descent by one record, by 64, by all: the time of 2 epochs",
            source=TUTORIAL,
        ),
        Comparison(
            "optimizer",
            name="label noise",
            levels=("adam", "rmsprop", "sgd"),
            base={"label_noise": 0.2, "epochs": 5},
            title="The optimizer where a fifth of the labels to train on is wrong",
            source=TUTORIAL,
        ),
    ],
)
