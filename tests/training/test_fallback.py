"""What is trained by `fit`: each reason is told in a line, once, and the numbers are `fit`'s."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("keras")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from optisearch.training import arrays

from .likeness import Worker, assert_alike, by_fit
from .zoo import (
    KINDS,
    PLAIN,
    WEIGHTS,
    Build,
    Own,
    Point,
    X,
    Y,
    compiled,
    dense,
    network,
    of,
    parts,
    with_options,
)

pytestmark = pytest.mark.keras


class OnBatches(keras.callbacks.Callback):  # type: ignore[misc]
    """Remembers the batches."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(batch)


class Fitting(Own):
    def fit(self, *arguments: Any, **named: Any) -> Any:
        return super().fit(*arguments, **named)


class Late(layers.Layer):  # type: ignore[misc]
    """Makes a variable in its step."""

    def call(self, x: Any) -> Any:
        if not hasattr(self, "late"):
            with tf.init_scope():
                self.late = tf.Variable(1.0)
        return x * self.late


@dataclass(frozen=True)
class Limited(Point):
    steps_per_epoch: int = 2


@dataclass(frozen=True)
class Reason:
    """What makes it fall back, and what is said about it."""

    said: str
    build: Build = of(dense)
    data: Any = PLAIN
    point: Point = Point()
    callbacks: Callable[[], Any] = list


def mirrored(point: Point) -> Any:
    with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
        return compiled(network(dense), point)


REASONS = {
    "TerminateOnNaN": Reason(
        "the callback TerminateOnNaN acts after each batch",
        callbacks=lambda: [keras.callbacks.TerminateOnNaN()],
    ),
    "LambdaCallback": Reason(
        "the callback LambdaCallback acts after each batch",
        callbacks=lambda: [
            keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
        ],
    ),
    "a callback of one's own": Reason(
        "the callback OnBatches acts after each batch", callbacks=lambda: [OnBatches()]
    ),
    "ModelCheckpoint amid an epoch": Reason(
        "the callback ModelCheckpoint acts after each batch",
        callbacks=lambda: [keras.callbacks.ModelCheckpoint("never.keras", save_freq=10**9)],
    ),
    "run_eagerly": Reason(
        "the model is compiled with run_eagerly=True",
        with_options(run_eagerly=True),
    ),
    "fit": Reason("Fitting has a `fit` of its own", lambda point: compiled(Fitting(), point)),
    "graph-random": Reason(
        KINDS["drawn by TensorFlow in the graph"].by_fit,
        KINDS["drawn by TensorFlow in the graph"].build,
    ),
}


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_the_reason_is_told_once_and_the_numbers_are_those_of_fit(
    reason: Reason, capsys: Any
) -> None:
    worker = Worker(reason.data)
    worker.train(reason.build, reason.point, seed=1, callbacks=reason.callbacks)
    again = worker.train(reason.build, reason.point, seed=2, callbacks=reason.callbacks)
    assert again.by == "fit"
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"trained by keras.Model.fit, which is slower: {reason.said}"]
    assert_alike(again, by_fit(reason.build, reason.data, reason.point, seed=2))


def test_weights_of_classes_and_of_records_are_for_fit_to_refuse(capsys: Any) -> None:
    with pytest.raises(ValueError, match="at the same time"):
        Worker(parts(X, Y, WEIGHTS)).train(of(dense), Point(class_weight={0: 2.0}))
    assert "class_weight is for data of one output" in capsys.readouterr().err


DATA_SET = tf.data.Dataset.from_tensor_slices((X, Y)).batch(10)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    @property
    def num_batches(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        return X[10 * index : 10 * index + 10], Y[10 * index : 10 * index + 10]


TOLD = {
    "a data set": Reason(
        "the data comes in batches of its own",
        data=SimpleNamespace(train=DATA_SET, validation=DATA_SET),
    ),
    "a PyDataset": Reason(
        "the data comes in batches of its own",
        data=SimpleNamespace(train=Batches(), validation=Batches()),
    ),
    "a strategy": Reason("the model is trained under a MirroredStrategy", mirrored),
    "an option of fit's": Reason(
        "steps_per_epoch is an argument for `fit` alone", point=Limited(epochs=1)
    ),
}


@pytest.mark.parametrize("reason", TOLD.values(), ids=TOLD)
def test_the_reason_is_told(reason: Reason, capfd: Any) -> None:
    trained = Worker(reason.data).train(reason.build, reason.point)
    assert trained.by == "fit"
    assert len(trained.history["val_loss"]) == reason.point.epochs
    assert np.isfinite(trained.history["loss"]).all()
    said = re.findall("^trained by .*: (.*)$", capfd.readouterr().err, re.MULTILINE)
    assert said == [reason.said]


def test_data_too_large_for_the_memory_is_told(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(arrays, "_SHARE_OF_MEMORY", 0.0)
    point = Point()
    trained = Worker(PLAIN).train(of(dense), point)
    assert trained.by == "fit"
    assert "the data (0.0 GiB) is too large for the memory" in capsys.readouterr().err
    assert_alike(trained, by_fit(of(dense), PLAIN, point))


def test_keras_limits_are_told(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(keras.config, "max_epochs", lambda: 1)
    assert Worker(PLAIN).train(of(dense), Point()).by == "fit"
    assert "Keras is told to limit epochs or steps" in capsys.readouterr().err


def test_a_step_that_can_not_be_traced_beforehand_is_told(capsys: Any) -> None:
    def build(point: Point) -> Any:
        return compiled(network(Late), point)

    trained = Worker(PLAIN).train(build, Point())
    told = capsys.readouterr().err
    if trained.by == "fit":
        assert "its step can't be traced beforehand" in told
    assert_alike(trained, by_fit(build, PLAIN, Point()))


def test_what_acts_after_each_batch_sees_each_batch() -> None:
    seen = OnBatches()
    Worker(PLAIN).train(of(dense), Point(), callbacks=lambda: [seen])
    assert seen.seen == [0, 1, 2] * 2


def test_a_loss_that_is_no_number_ends_the_training_where_fit_does() -> None:
    point = replace(Point(), learning_rate=float("nan"), batch_size=3)
    ending = lambda: [keras.callbacks.TerminateOnNaN()]  # noqa: E731
    assert_alike(
        Worker(PLAIN).train(of(dense), point, callbacks=ending),
        by_fit(of(dense), PLAIN, point, callbacks=ending),
    )
