"""How long does training take, and what does it gain, with more images?

MNIST has 50,000 images to train on. More are made by moving them, while they are trained on: a
stream that takes no more memory for 500,000 images than for 50,000.
"""

import math
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import layers, optimizers

from optisearch import Comparison, Outcome, Run, Study, choice, real
from optisearch.data import TrainingData, mnist


@dataclass(frozen=True)
class Size:
    """How many images there are, and how they are trained on. `Size()` is the baseline."""

    images: int = choice(10_000, 50_000, 100_000, 500_000, baseline=50_000, searched=False)
    learning_rate: float = real(1e-4, 1e-1, log=True, baseline=1e-3)
    batch_size: int = choice(32, 64, 128, 256, baseline=128)
    units: int = 64
    epochs: int = 10


CLASSES = 10
EVALUATION_BATCH = 1000
STEPS_PER_CALL = 50
# Up to two pixels up or down and sideways, where digits of 20 pixels have 4 around them.
FARTHEST = 2
_RANGE = range(-FARTHEST, FARTHEST + 1)
MOVES = np.array([(down, right) for down in _RANGE for right in _RANGE if (down, right) != (0, 0)])


def stream(
    images: np.ndarray, labels: np.ndarray, count: int, *, batch_size: int, seed: int
) -> tf.data.Dataset:
    """Batches of a data set of `count` images, in a new order each time they are gone through.

    The data set begins with the images as they are, in an order that follows from the seed; then
    they come again, moved, each copy of an image in another direction (as far as there are
    directions: 24). Which image is where follows from its number alone, and so does the order:
    nothing is kept but the images themselves.

    Args:
        images: float32 (n, 28, 28).
        labels: int64 (n,).
        count: The images in an epoch; fewer or more than n.
        batch_size: Images in a batch; the last one of an epoch may hold fewer.
        seed: Of all that is random.
    """
    rng = np.random.default_rng(seed)
    order = tf.constant(rng.permutation(len(images)))
    first_move = tf.constant(rng.integers(len(MOVES), size=len(images)))
    around = ((0, 0), (FARTHEST, FARTHEST), (FARTHEST, FARTHEST))
    framed, answers = tf.constant(np.pad(images, around)), tf.constant(labels)
    moves = tf.constant(MOVES)

    def epoch(random: tf.Tensor) -> tf.data.Dataset:
        def batch(numbers: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            # A permutation that is computed, not stored.
            numbers = tf.random.experimental.index_shuffle(
                numbers, seed=[random, random], max_index=count - 1
            )
            copy, place = numbers // len(images), numbers % len(images)
            source = tf.gather(order, place)
            move = tf.gather(moves, (tf.gather(first_move, source) + copy) % len(MOVES))
            move = tf.where(copy[:, None] == 0, tf.zeros_like(move), move)
            return moved(tf.gather(framed, source), move), tf.gather(answers, source)

        return tf.data.Dataset.range(count).batch(batch_size).map(batch)

    # One number, another one in each epoch, which its order follows from.
    drawn = tf.data.Dataset.random(seed, rerandomize_each_iteration=True).take(1)
    known = tf.data.experimental.assert_cardinality(math.ceil(count / batch_size))
    return drawn.flat_map(epoch).apply(known).prefetch(2)


def moved(framed: tf.Tensor, move: tf.Tensor) -> tf.Tensor:
    """Images in a frame of zeros, `FARTHEST` wide, to images without it that are moved.

    Args:
        framed: (batch, 32, 32).
        move: How many pixels down and to the right, (batch, 2), from -2 to 2.
    """
    pixels = tf.range(framed.shape[1] - 2 * FARTHEST, dtype=move.dtype) + FARTHEST
    rows = tf.gather(framed, pixels - move[:, :1], axis=1, batch_dims=1)
    return tf.gather(rows, pixels - move[:, 1:], axis=2, batch_dims=1)


def build(hp: Size) -> keras.Model:
    """Images (28, 28) in [0, 1] to class probabilities (10,); returned compiled."""
    model = keras.Sequential(
        [
            layers.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(hp.units, "relu"),
            layers.Dense(CLASSES, "softmax"),
        ]
    )
    model.compile(
        optimizers.Adam(hp.learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=STEPS_PER_CALL,
    )
    return model


def train(hp: Size, data: TrainingData, run: Run) -> Outcome:
    """Trains on as many images as the point says."""
    keras.utils.set_random_seed(run.seed)
    model = build(hp)
    model.fit(
        stream(*data.train, hp.images, batch_size=hp.batch_size, seed=run.seed),
        epochs=hp.epochs,
        shuffle=False,  # the stream has done it
        validation_data=data.validation,
        validation_batch_size=EVALUATION_BATCH,
        callbacks=run.callbacks,
        verbose=0,
    )
    return Outcome(parameters=model.count_params())


TUTORIAL = "Gradient Descent Optimizer Keras"

study = Study(
    name="data_size",
    space=Size,
    train=train,
    data=mnist,
    maximize="val_accuracy",
    comparisons=[
        Comparison(
            "images",
            measure="seconds",
            title="The time that so many images take",
            # Minutes, compared as ratios.
            published={10_000: 2, 50_000: 12, 100_000: 25, 500_000: 120},
            # Two minutes may be 1.5 or 2.5: that alone takes 12 : 2 from 4.8 to 8. The time that
            # every training takes to start, some seconds, brings our ratios together.
            tolerance=2.0,
            source=TUTORIAL,
        ),
        Comparison(
            "images",
            name="images accuracy",
            title="The accuracy with so many images",
            source=TUTORIAL,
        ),
    ],
)
