"""Gradients, curvature or evolution: which way of training suits a small binary classifier?

The classifier of the tutorial "Gradient Descent Optimizer Keras" has 100 inputs and no data. Of two
classes, scikit-learn brings one real data set: tumours, with 30 inputs. All methods go through the
training records equally often, be it for a loss or for a gradient.

Needs `pip install "optisearch[evolution]"`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from cmaes import SepCMA
from keras import layers, losses, ops, optimizers, regularizers
from scipy.optimize import differential_evolution, dual_annealing, minimize
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

from optisearch import Comparison, Outcome, Run, Study, choice, real
from optisearch.data import Split
from optisearch.data.split import TrainingData

KERAS = {"sgd": optimizers.SGD, "adam": optimizers.Adam}
BY_GRADIENT = (*KERAS, "lbfgs", "lbfgs restarts", "newton")
BY_LOSS = ("cma-es", "evolution", "swarm", "annealing", "random")


@dataclass(frozen=True)
class Binary:
    """One network and how it is trained. `Binary()` is the baseline."""

    method: str = choice(*BY_GRADIENT, *BY_LOSS, baseline="sgd")
    learning_rate: float = real(1e-4, 10.0, log=True, baseline=0.01, when={"method": tuple(KERAS)})
    batch_size: int = choice(32, 64, 128, baseline=32, when={"method": tuple(KERAS)})
    hidden: str = choice("64-64", "4", baseline="64-64")
    # The tutorial has none. Without it no loss is the lowest: these classes can be told apart
    # without a mistake, and larger weights are always better then.
    penalty: float = real(1e-4, 1e-1, log=True, baseline=1e-2)
    scaling: str = choice("standardized", "none", baseline="standardized", searched=False)
    loss: str = choice(
        "crossentropy", "squared", "accuracy", baseline="crossentropy", searched=False
    )
    epochs: int = 50


# What an epoch is: so many passes over the training records.
PASSES = 20
STEPS_PER_CALL = 50
POPULATION = 30
# Half the width of the box that evolution and annealing look for weights in.
LARGEST_WEIGHT = 2.0


def tumours() -> Split:
    """scikit-learn's 569 breast tumours, 342 / 142 / 85, stratified, with seed 0.

    x: float64 (n, 30), what the nuclei of cells look like, each number in its own unit.
    y: int64 (n,), 0 malignant, 1 benign.

    Source: Wolberg, Mangasarian, Street and Street (1993), Breast Cancer Wisconsin (Diagnostic),
    UCI Machine Learning Repository; CC BY 4.0.
    """
    x, y = load_breast_cancer(return_X_y=True)
    return Split.cut(x, y, name="breast cancer", validation=0.25, test=0.15)


def squared(labels: Any, probabilities: Any) -> Any:
    """A loss of one's own, (batch,): the squared error of the probability."""
    return ops.mean(ops.square(labels - probabilities), axis=-1)


def mistaken(labels: Any, probabilities: Any) -> Any:
    """1 where the likelier class is the wrong one, else 0, (batch,). Its gradient is 0."""
    wrong = ops.not_equal(labels > 0.5, probabilities > 0.5)
    return ops.mean(ops.cast(wrong, probabilities.dtype), axis=-1)


LOSSES = {"crossentropy": losses.binary_crossentropy, "squared": squared, "accuracy": mistaken}


def build(hp: Binary, inputs: int) -> keras.Model:
    """Inputs to the probability of class 1, (1,); not compiled."""
    dense = partial(layers.Dense, kernel_regularizer=regularizers.L2(hp.penalty))
    hidden = [dense(int(units), "relu") for units in hp.hidden.split("-")]
    return keras.Sequential([layers.Input((inputs,)), *hidden, dense(1, "sigmoid")])


class Spent(Exception):
    """There are no passes left."""


class Training:
    """A trial's loss as a function of all weights in a row, float64 (n,).

    A call of `loss` or of `loss_and_gradient` is a pass over the training records. Whenever an
    epoch's passes are done, the best weights so far are reported.
    """

    def __init__(self, hp: Binary, data: TrainingData, run: Run) -> None:
        inputs = [data.train[0], data.validation[0]]
        if hp.scaling == "standardized":
            inputs = list(map(StandardScaler().fit(inputs[0]).transform, inputs))
        self.train = tf.constant(inputs[0]), tf.constant(data.train[1][:, None], tf.float64)
        self._held_out = tf.constant(inputs[1]), data.validation[1][:, None].astype(float)
        self.hp, self.run, self.rng = hp, run, np.random.default_rng(run.seed)
        self.model = build(hp, inputs[0].shape[1])
        self._shapes = [weight.shape for weight in self.model.get_weights()]
        self._sizes = [int(np.prod(shape)) for shape in self._shapes]
        self.start = self.draw()
        self._best, self._lowest, self._passes = self.start, np.inf, 0

    def draw(self) -> np.ndarray:
        """Weights to begin with, as Keras draws them: Glorot's uniform ones, and 0 for biases."""
        limits = [np.sqrt(6 / sum(shape)) if len(shape) == 2 else 0 for shape in self._shapes]
        return np.repeat(limits, self._sizes) * self.rng.uniform(-1, 1, sum(self._sizes))

    def loss(self, weights: np.ndarray) -> float:
        return self._after_pass(weights, float(self._loss(tf.constant(weights))))

    def loss_and_gradient(self, weights: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient = self._loss_and_gradient(tf.constant(weights))
        return self._after_pass(weights, float(loss)), gradient.numpy()

    def _after_pass(self, weights: np.ndarray, loss: float) -> float:
        if loss < self._lowest:
            self._best, self._lowest = weights.copy(), loss
        self._passes += 1
        if self._passes % PASSES == 0:
            self.report(self._passes // PASSES - 1, self._best)
        if self._passes == PASSES * self.hp.epochs:
            raise Spent
        return loss

    def finish(self) -> None:
        """Report the epoch that a method left before its end."""
        if self._passes % PASSES:
            self.report(self._passes // PASSES, self._best)

    def report(self, epoch: int, weights: np.ndarray) -> None:
        """`loss` is what is minimized, `val_loss` the cross-entropy whatever is minimized."""
        inputs, labels = self._held_out
        probabilities, _ = self._outputs(weights, inputs)
        metrics = {
            "loss": self._loss(tf.constant(weights)),
            "val_loss": ops.mean(losses.binary_crossentropy(labels, probabilities)),
            "val_accuracy": 1 - ops.mean(mistaken(labels, probabilities)),
        }
        self.run.report(epoch, {name: float(value) for name, value in metrics.items()})

    def as_layers(self, weights: Any) -> list[tf.Tensor]:
        pieces = zip(tf.split(weights, self._sizes), self._shapes, strict=True)
        return [tf.reshape(piece, shape) for piece, shape in pieces]

    def _outputs(self, weights: Any, inputs: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Probabilities (records, 1), and what each layer's penalty adds to the loss."""
        layered = self.as_layers(weights)
        outputs, _, penalties = self.model.stateless_call(layered, [], inputs, return_losses=True)
        return outputs, penalties

    @tf.function
    def _loss(self, weights: tf.Tensor) -> tf.Tensor:
        inputs, labels = self.train
        probabilities, penalties = self._outputs(weights, inputs)
        return tf.reduce_mean(LOSSES[self.hp.loss](labels, probabilities)) + tf.add_n(penalties)

    @tf.function
    def _loss_and_gradient(self, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss = self._loss(weights)
        return loss, tape.gradient(loss, weights)


def by_batches(training: Training) -> None:
    """Gradient descent as Keras does it, with many steps in each pass."""
    hp, model = training.hp, training.model
    model.set_weights(training.as_layers(training.start))
    optimizer = KERAS[hp.method](hp.learning_rate)
    model.compile(optimizer, LOSSES[hp.loss], steps_per_execution=STEPS_PER_CALL)
    records = tf.data.Dataset.from_tensor_slices(training.train)
    records = records.shuffle(len(records), seed=training.run.seed).batch(hp.batch_size)

    def report(epoch: int, _logs: object) -> None:
        weights = np.concatenate([weight.ravel() for weight in model.get_weights()])
        training.report(epoch, weights)

    callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=report)]
    model.fit(
        records.repeat(PASSES), epochs=hp.epochs, callbacks=callbacks, shuffle=False, verbose=0
    )


def by_curvature(training: Training, method: str, *, restarts: bool = False) -> None:
    """Steps that also estimate the curvature, until the slope is 0; then from new weights."""
    minimize(training.loss_and_gradient, training.start, jac=True, method=method)
    while restarts:
        minimize(training.loss_and_gradient, training.draw(), jac=True, method=method)


def cma_es(training: Training) -> None:
    """Evolution of a normal distribution; of its covariance, the diagonal: weights are many."""
    strategy = SepCMA(training.start, sigma=0.3, seed=training.run.seed)
    while True:
        drawn = [strategy.ask() for _ in range(strategy.population_size)]
        strategy.tell([(weights, training.loss(weights)) for weights in drawn])


def evolution(training: Training) -> None:
    """Differential evolution, a genetic algorithm of real numbers."""
    box = [(-LARGEST_WEIGHT, LARGEST_WEIGHT)] * len(training.start)
    first = np.stack([training.draw() for _ in range(POPULATION)])
    seed = training.run.seed
    differential_evolution(training.loss, box, init=first, tol=0, polish=False, rng=seed)


def swarm(training: Training) -> None:
    """A particle swarm, with the factors of Clerc and Kennedy (2002)."""
    places = np.stack([training.draw() for _ in range(POPULATION)])
    moves, best, lowest = np.zeros_like(places), places.copy(), np.full(POPULATION, np.inf)
    while True:
        found = np.array([training.loss(weights) for weights in places])
        better = found < lowest
        best[better], lowest[better] = places[better], found[better]
        to_own, to_all = 1.49618 * training.rng.uniform(size=(2, *places.shape))
        to_lowest = best[np.argmin(lowest)] - places
        moves = 0.7298 * moves + to_own * (best - places) + to_all * to_lowest
        places = places + moves


def annealing(training: Training) -> None:
    """Generalized simulated annealing, without descents; a temperature takes 2n passes."""
    box = [(-LARGEST_WEIGHT, LARGEST_WEIGHT)] * len(training.start)
    seed = training.run.seed
    dual_annealing(training.loss, box, x0=training.start, no_local_search=True, rng=seed)


def at_random(training: Training) -> None:
    """New weights each time: what a method has to be better than."""
    while True:
        training.loss(training.draw())


METHODS: dict[str, Callable[[Training], None]] = {
    **dict.fromkeys(KERAS, by_batches),
    "lbfgs": partial(by_curvature, method="L-BFGS-B"),
    "lbfgs restarts": partial(by_curvature, method="L-BFGS-B", restarts=True),
    "newton": partial(by_curvature, method="Newton-CG"),
    "cma-es": cma_es,
    "evolution": evolution,
    "swarm": swarm,
    "annealing": annealing,
    "random": at_random,
}


def train(hp: Binary, data: TrainingData, run: Run) -> Outcome:
    """Trains by the point's method."""
    if hp.loss == "accuracy" and hp.method in BY_GRADIENT:
        raise ValueError(f"accuracy has no slope for {hp.method}: use {', '.join(BY_LOSS)}")
    # Curvature is estimated from differences of gradients, which 32 bits are too coarse for.
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    keras.utils.set_random_seed(run.seed)
    training = Training(hp, data, run)
    with suppress(Spent):
        METHODS[hp.method](training)
    training.finish()
    return Outcome(parameters=len(training.start))


SMALL = {"hidden": "4"}

study = Study(
    name="binary",
    space=Binary,
    train=train,
    data=tumours,
    minimize="val_loss",
    comparisons=[
        Comparison("method", base=SMALL, title="The method: the validation loss at the end"),
        Comparison(
            "method",
            name="method loss",
            base=SMALL,
            measure="loss",
            title="The method: the loss that 1,000 passes over the data leave",
        ),
        Comparison(
            "method",
            name="method epochs",
            base=SMALL,
            measure="epochs_to_target",
            target=0.1,
            title="The method: epochs, of 20 passes each, to a validation loss of 0.1",
        ),
        Comparison(
            "method",
            name="method time",
            base=SMALL,
            measure="seconds",
            title="The method: the time it takes",
        ),
        Comparison(
            "method",
            name="method without gradient",
            levels=BY_LOSS,
            base={**SMALL, "loss": "accuracy"},
            measure="val_accuracy",
            title="Accuracy itself as what is to be improved, which has no gradient",
        ),
        Comparison(
            "loss",
            levels=("crossentropy", "squared"),
            tune=["learning_rate"],
            measure="val_accuracy",
            title="The loss, one of them of one's own",
        ),
        Comparison(
            "learning_rate",
            levels=(1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0),
            title="A learning rate that is too low, and one that is too high",
        ),
        Comparison("scaling", tune=["learning_rate"], title="Inputs scaled, and as they are"),
    ],
)
