"""Kinds of models, of ways to compile them, and of ways to fit them: tiny ones on tiny data."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops, optimizers, regularizers

from optisearch.data import Split, TrainingData
from optisearch.training.options import FitOptions

RECORDS, HELD_OUT, CLASSES = 30, 12, 3


@dataclass(frozen=True)
class Point(FitOptions):
    """A point of a space. Its fields that are arguments of `fit` are given to it."""

    epochs: int = 2
    batch_size: int | None = 10
    validation_batch_size: int = 6
    learning_rate: float = 0.02


Build = Callable[[Point], keras.Model]


def split(train: Any, validation: Any) -> TrainingData:
    return Split(train=train, validation=validation, name="tiny").for_training()


_random = np.random.default_rng(0)
X = _random.normal(size=(RECORDS + HELD_OUT, 8)).astype(np.float32)
Y = _random.integers(0, CLASSES, RECORDS + HELD_OUT)
ONE_HOT = np.eye(CLASSES, dtype=np.float32)[Y]
WEIGHTS = _random.uniform(0.5, 2, RECORDS + HELD_OUT).astype(np.float32)
PIXELS = _random.integers(0, 256, (RECORDS + HELD_OUT, 6, 6, 1)).astype(np.uint8)
TOKENS = _random.integers(0, 20, (RECORDS + HELD_OUT, 5)).astype(np.int32)


def parts(*pieces: Any) -> TrainingData:
    """These arrays, their last records held out."""
    train = tf.nest.map_structure(lambda array: array[:RECORDS], pieces)
    return split(train, tf.nest.map_structure(lambda array: array[RECORDS:], pieces))


PLAIN = parts(X, Y)
FULL_DAY = {"x": X, "tokens": TOKENS}


@dataclass(frozen=True)
class Kind:
    """A kind of training.

    Attributes:
        build: A point → a compiled model.
        data: What it is trained on.
        options: Further fields of the point.
        alone: Why its graphs can't be used again; empty where they can.
        by_fit: Why it is trained by `fit`; empty where it needn't be.
    """

    build: Build
    data: TrainingData = PLAIN
    options: Mapping[str, Any] = field(default_factory=dict)
    alone: str = ""
    by_fit: str = ""


def compiled(model: Any, point: Point, optimizer: Any = optimizers.Adam, **arguments: Any) -> Any:
    defaults = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    model.compile(optimizer(point.learning_rate), **defaults | arguments)
    return model


def network(*hidden: Callable[[], Any], shape: Any = (8,), dtype: str = "float32") -> Any:
    """These layers before a softmax."""
    head = layers.Dense(CLASSES, "softmax", dtype="float32")
    made = [each() for each in hidden]
    return keras.Sequential([layers.Input(shape, dtype=dtype), *made, head])


def of(*hidden: Callable[[], Any], **shape: Any) -> Build:
    """Builds a network of these layers."""
    return lambda point: compiled(network(*hidden, **shape), point)


def with_options(**arguments: Any) -> Build:
    """Builds a dense network that is compiled with these arguments."""
    return lambda point: compiled(network(dense), point, **arguments)


def with_optimizer(name: str, **arguments: Any) -> Build:
    kind = getattr(optimizers, name)
    return lambda point: compiled(
        network(), point, optimizer=lambda rate: kind(rate, **arguments), metrics=None
    )


def dense() -> Any:
    return layers.Dense(6, "relu")


# Layers.


def images() -> Any:
    return layers.Reshape((4, 2, 1))


def series() -> Any:
    return layers.Reshape((4, 2))


def normalization(point: Point) -> Any:
    adapted = layers.Normalization()
    adapted.adapt(X)
    return compiled(network(lambda: adapted, dense), point)


def attention(point: Point) -> Any:
    inputs = layers.Input((8,))
    steps = layers.Reshape((4, 2))(inputs)
    attended = layers.MultiHeadAttention(2, 3, dropout=0.1)(steps, steps)
    outputs = layers.Dense(CLASSES, "softmax")(layers.GlobalAveragePooling1D()(attended))
    return compiled(keras.Model(inputs, outputs), point)


def several(point: Point) -> Any:
    """Two inputs, two outputs, a loss, a weight and metrics for each."""
    x, tokens = layers.Input((8,), name="x"), layers.Input((5,), dtype="int32", name="tokens")
    words = layers.Flatten()(layers.Embedding(20, 3)(tokens))
    both = layers.Concatenate()([layers.Dense(5, "tanh")(x), words])
    outputs = {
        "kind": layers.Dense(CLASSES, "softmax", name="kind")(both),
        "sum": layers.Dense(1, name="sum")(both),
    }
    return compiled(
        keras.Model({"x": x, "tokens": tokens}, outputs),
        point,
        loss={"kind": "sparse_categorical_crossentropy", "sum": "huber"},
        loss_weights={"kind": 1.0, "sum": 0.3},
        metrics={"kind": ["accuracy"], "sum": ["mae", "mse"]},
    )


def frozen(point: Point) -> Any:
    model = network(dense, dense)
    model.layers[0].trainable = False
    return compiled(model, point)


class Noisy(layers.Layer):  # type: ignore[misc]
    """Draws from Keras's global generator."""

    def call(self, x: Any, training: bool = False) -> Any:
        return x + keras.random.normal(ops.shape(x)) if training else x


class Scattered(layers.Layer):  # type: ignore[misc]
    """Draws with NumPy, while it is traced."""

    def call(self, x: Any) -> Any:
        return x + np.random.normal(size=8).astype(np.float32)  # noqa: NPY002  # as people do


class Shaken(layers.Layer):  # type: ignore[misc]
    """Draws with TensorFlow."""

    def call(self, x: Any, training: bool = False) -> Any:
        return x + tf.random.gamma(tf.shape(x), 1.0) if training else x


# Models of one's own.


class Own(keras.Model):  # type: ignore[misc]
    """Its layers' variables don't exist before it sees data."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(6, "relu")
        self.dropout = layers.Dropout(0.2)
        self.head = layers.Dense(CLASSES, "softmax")

    def call(self, x: Any, training: bool = False) -> Any:
        return self.head(self.dropout(self.hidden(x), training=training))


class OwnLogs(Own):
    """Its step logs what no metric holds."""

    def train_step(self, data: Any) -> Any:
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return {"loss": loss, "norm": tf.linalg.global_norm(gradients)}


class OwnMetrics(Own):
    """Its steps update metrics of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = keras.metrics.Mean(name="loss")

    @property
    def metrics(self) -> Any:
        return [self.mean]

    def train_step(self, data: Any) -> Any:
        x, y = data
        with tf.GradientTape() as tape:
            loss = ops.mean(keras.losses.sparse_categorical_crossentropy(y, self(x, training=True)))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        self.mean.update_state(loss)
        return {"loss": self.mean.result()}

    def test_step(self, data: Any) -> Any:
        x, y = data
        self.mean.update_state(keras.losses.sparse_categorical_crossentropy(y, self(x)))
        return {"loss": self.mean.result()}


class Penalized(Own):
    """Adds to the loss itself."""

    def call(self, x: Any, training: bool = False) -> Any:
        self.add_loss(0.01 * ops.sum(ops.abs(x)))
        return super().call(x, training=training)


class Doubled(Own):
    """Has an optimizer of its own for the head, beside the one for all of it."""

    def build(self, shape: Any) -> None:
        self.hidden.build(shape)
        self.head.build((None, 6))
        self.second = optimizers.Adam(0.01)
        self.second.build(self.head.trainable_variables)
        self.built = True

    def train_step(self, data: Any) -> Any:
        x, y = data
        with tf.GradientTape(persistent=True) as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        for optimizer, part in ((self.optimizer, self), (self.second, self.head)):
            gradients = tape.gradient(loss, part.trainable_variables)
            optimizer.apply(gradients, part.trainable_variables)
        return {"loss": loss}


def doubled(point: Point) -> Any:
    model = Doubled()
    model.build((None, 8))
    return compiled(model, point, metrics=None)


# Losses, metrics and what else is compiled.


def squared(y: Any, probabilities: Any) -> Any:
    wanted = ops.one_hot(ops.cast(ops.reshape(y, (-1,)), "int32"), CLASSES)
    return ops.mean(ops.square(wanted - probabilities), axis=-1)


class WeightedLoss(keras.losses.Loss):  # type: ignore[misc]
    """Its weight is a variable that no model knows."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.weight = keras.Variable(weight, trainable=False)

    def call(self, y: Any, probabilities: Any) -> Any:
        return self.weight * squared(y, probabilities)


class Confidence(keras.metrics.Metric):  # type: ignore[misc]
    """The mean of the largest probability."""

    def __init__(self) -> None:
        super().__init__(name="confidence")
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, y: Any, probabilities: Any, sample_weight: Any = None) -> None:
        self.total.assign_add(ops.sum(ops.max(probabilities, axis=-1)))
        self.count.assign_add(ops.cast(ops.shape(y)[0], "float32"))

    def result(self) -> Any:
        return self.total / self.count


@contextlib.contextmanager
def policy(name: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def in_policy(name: str) -> Build:
    def build(point: Point) -> Any:
        with policy(name):
            return compiled(network(dense, layers.BatchNormalization), point)

    return build


def adam(**arguments: Any) -> Build:
    return with_optimizer("Adam", **arguments)


def cosine(_rate: float) -> Any:
    schedule = optimizers.schedules.CosineDecay(0.1, 8)
    return optimizers.SGD(schedule, momentum=0.9, nesterov=True)


# Values that are there before the training.


def drawn_by_tensorflow(point: Point, seed: int | None = None) -> Any:
    model = network()
    model.layers[0].kernel.assign(tf.random.normal((8, CLASSES), seed=seed))
    return compiled(model, point)


def fitted_before(point: Point) -> Any:
    model = compiled(network(dense), point)
    model.fit(X, Y, shuffle=False, verbose=0)
    return model


_IN_THE_GRAPH = "its random numbers depend on the graph that they are drawn in"
_WHILE_TRACED = "it draws random numbers of Python's or NumPy's while it is traced"

_NOT_ALONE = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}

KINDS: dict[str, Kind] = {
    "dense": Kind(of(dense)),
    "convolution": Kind(
        of(images, lambda: layers.Conv2D(4, 2), lambda: layers.MaxPooling2D(1), layers.Flatten)
    ),
    "separable and depthwise convolution": Kind(
        of(
            images,
            lambda: layers.SeparableConv2D(3, 2, padding="same"),
            lambda: layers.DepthwiseConv2D(2),
            layers.GlobalAveragePooling2D,
        )
    ),
    "LSTM with dropout": Kind(of(series, lambda: layers.LSTM(4, dropout=0.2))),
    "GRU with recurrent dropout": Kind(of(series, lambda: layers.GRU(3, recurrent_dropout=0.2))),
    "bidirectional": Kind(of(series, lambda: layers.Bidirectional(layers.SimpleRNN(3)))),
    "batch normalization": Kind(of(dense, layers.BatchNormalization)),
    "other normalizations": Kind(
        of(
            lambda: layers.SpectralNormalization(dense()),
            layers.LayerNormalization,
            layers.UnitNormalization,
        )
    ),
    "dropout": Kind(of(lambda: layers.Dropout(0.3), dense, lambda: layers.Dropout(0.5, seed=7))),
    "noise": Kind(of(lambda: layers.GaussianNoise(0.2), lambda: layers.AlphaDropout(0.2))),
    "penalties": Kind(
        of(
            lambda: layers.Dense(6, kernel_regularizer=regularizers.L1(0.013)),
            lambda: layers.Dense(6, kernel_regularizer=regularizers.L2(0.017)),
            lambda: layers.Dense(6, bias_regularizer=regularizers.L1L2(0.011, 0.007)),
            lambda: layers.Dense(6, activity_regularizer=regularizers.L2(0.019)),
        )
    ),
    "constraint": Kind(of(lambda: layers.Dense(6, kernel_constraint="max_norm"))),
    "attention": Kind(attention),
    "embedding": Kind(
        of(
            lambda: layers.Embedding(20, 4),
            layers.Flatten,
            shape=(5,),
            dtype="int32",
        ),
        data=parts(TOKENS, Y),
    ),
    "normalization of the data": Kind(normalization),
    "pixels": Kind(
        of(
            lambda: layers.Rescaling(1 / 255),
            layers.RandomFlip,
            layers.Flatten,
            shape=(6, 6, 1),
            dtype="uint8",
        ),
        data=parts(PIXELS, Y),
    ),
    "frozen layer": Kind(frozen),
    "several inputs and outputs": Kind(
        several,
        data=parts(FULL_DAY, {"kind": Y, "sum": X.sum(axis=1)}),
    ),
    "autoencoder": Kind(
        lambda point: compiled(
            keras.Sequential([layers.Input((8,)), dense(), layers.Dense(8)]),
            point,
            loss="mse",
            metrics=None,
        ),
        data=parts(X, X),
    ),
    "unbuilt model": Kind(
        lambda point: compiled(
            Own(), point, metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(2)]
        )
    ),
    "train_step with logs of its own": Kind(
        lambda point: compiled(OwnLogs(), point, metrics=None),
    ),
    "steps with metrics of their own": Kind(
        lambda point: compiled(OwnMetrics(), point, metrics=None),
    ),
    "add_loss": Kind(lambda point: compiled(Penalized(), point)),
    "second optimizer": Kind(doubled, alone="the second optimizer's variables aren't the model's"),
    "loss of one's own": Kind(with_options(loss=squared)),
    "loss with a variable": Kind(
        lambda point: compiled(network(), point, loss=WeightedLoss(0.7)),
        alone="the loss's variable isn't the model's",
    ),
    "metric of one's own": Kind(
        lambda point: compiled(network(), point, metrics=[Confidence(), "accuracy"])
    ),
    "weighted metrics": Kind(
        with_options(weighted_metrics=["accuracy"]), data=parts(X, Y, WEIGHTS)
    ),
    "sample weights in training": Kind(
        of(dense), data=split((X[:30], Y[:30], WEIGHTS[:30]), (X[30:], Y[30:]))
    ),
    "sample weights in validation": Kind(
        of(dense), data=split((X[:30], Y[:30]), (X[30:], Y[30:], WEIGHTS[30:]))
    ),
    "class weights": Kind(of(dense), options={"class_weight": {0: 0.5, 2: 3.0}}),
    "class weights of one-hot labels": Kind(
        with_options(loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1)),
        data=parts(X, ONE_HOT),
        options={"class_weight": {0: 0.5, 1: 2.0, 2: 3.0}},
    ),
    "bfloat16": Kind(in_policy("mixed_bfloat16")),
    "float16 with a scaled loss": Kind(in_policy("mixed_float16")),
    "moving average of weights": Kind(adam(use_ema=True, ema_overwrite_frequency=3)),
    "accumulated gradients": Kind(adam(gradient_accumulation_steps=3)),
    "gradients clipped together": Kind(
        with_optimizer("AdamW", weight_decay=0.1, global_clipnorm=0.3)
    ),
    "gradients clipped each": Kind(with_optimizer("SGD", clipvalue=0.01, momentum=0.9)),
    "schedule": Kind(with_options(optimizer=cosine)),
    "steps fused by the study": Kind(with_options(steps_per_execution=3)),
    "XLA": Kind(with_options(jit_compile=True)),
    "smaller last batch": Kind(
        of(dense, layers.BatchNormalization, lambda: layers.Dropout(0.2)),
        options={"batch_size": 8, "validation_batch_size": 5},
    ),
    "batches of one": Kind(of(dense), options={"batch_size": 1, "epochs": 1}),
    "one batch": Kind(of(dense), options={"batch_size": 64}),
    "evaluated now and then": Kind(of(dense), options={"validation_freq": 2, "epochs": 3}),
    "evaluated after some epochs": Kind(of(dense), options={"validation_freq": [2], "epochs": 3}),
    "later epochs": Kind(
        of(lambda: layers.Dropout(0.2)), options={"initial_epoch": 2, "epochs": 4}
    ),
    "drawn by TensorFlow in `build`": Kind(drawn_by_tensorflow),
    "drawn by TensorFlow with a seed": Kind(lambda point: drawn_by_tensorflow(point, seed=5)),
    "fitted in `build`": Kind(fitted_before, alone="it holds functions that `fit` traced"),
    "Keras's global generator": Kind(
        of(Noisy), alone="the next trial has a generator of its own, which the graph doesn't know"
    ),
    "drawn by NumPy while traced": Kind(of(Scattered), by_fit=_WHILE_TRACED),
    "drawn by TensorFlow in the graph": Kind(of(Shaken), by_fit=_IN_THE_GRAPH),
} | {
    f"optimizer {name}": Kind(with_optimizer(name))
    for name, kind in vars(optimizers).items()
    if isinstance(kind, type) and name not in _NOT_ALONE
}
