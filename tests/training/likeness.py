"""Training the same point by `keras.Model.fit` and by a trainer of ours, and how alike they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from optisearch.data import TrainingData
from optisearch.training import arrays, models, pipeline
from optisearch.training.keras_trainer import KerasTrainer
from optisearch.training.twins import variables

from .zoo import Build, Point

Callbacks = Callable[[], Sequence[keras.callbacks.Callback]]


@dataclass(frozen=True)
class Trained:
    """What a training leaves.

    Attributes:
        values: Everything that an epoch leaves behind, by name: type, shape and bytes.
        history: The epochs' metrics.
        by: How it was trained.
    """

    values: dict[str, tuple[str, tuple[int, ...], bytes]]
    history: dict[str, list[float]]
    by: str

    @classmethod
    def of(cls, history: keras.callbacks.History, by: str) -> "Trained":
        values = {
            f"{index} {variable.path}": bits(variable)
            for index, variable in enumerate(variables(history.model))
        }
        return cls(values, history.history, by)


def bits(variable: Any) -> tuple[str, tuple[int, ...], bytes]:
    array = np.asarray(variable.numpy())
    return str(array.dtype), array.shape, array.tobytes()


def none() -> Sequence[keras.callbacks.Callback]:
    return ()


def by_fit(
    build: Build, data: TrainingData, point: Point, seed: int = 1, callbacks: Callbacks = none
) -> Trained:
    """Plain Keras, with the records in the trial's order."""
    model = models.fresh(build, point, seed)
    order = pipeline.Shuffle(arrays.records(data.train), seed)
    history = model.fit(
        pipeline.Batches(data.train, point.batch, order=order),
        validation_data=pipeline.Batches(data.validation, point.validation_batch_size),
        epochs=point.epochs,
        initial_epoch=point.initial_epoch,
        validation_freq=point.validation_freq,
        class_weight=point.class_weight,
        callbacks=[order, *callbacks()],
        shuffle=False,
        verbose=0,
    )
    return Trained.of(history, "keras.Model.fit")


class Worker:
    """Trains point after point of a study, as a worker does."""

    def __init__(self, data: TrainingData) -> None:
        self.study = SimpleNamespace(build=None, callbacks=None, space=Point, metric="val_loss")
        self.study.build = lambda _point: None
        self.trainer = KerasTrainer(self.study, data)  # type: ignore[arg-type]

    def train(
        self, build: Build, point: Point, seed: int = 1, callbacks: Callbacks = none
    ) -> Trained:
        history = keras.callbacks.History()
        self.trainer._build = build
        self.study.callbacks = lambda _point: callbacks()
        run: Any = SimpleNamespace(seed=seed, callbacks=[history])
        outcome = self.trainer.train(point, run)
        return Trained.of(history, outcome.trained_by)


def assert_alike(one: Trained, other: Trained) -> None:
    """Bit by bit."""
    assert repr(one.history) == repr(other.history)  # a NaN equals no other
    assert list(one.values) == list(other.values)
    different = [name for name, value in one.values.items() if other.values[name] != value]
    assert not different
