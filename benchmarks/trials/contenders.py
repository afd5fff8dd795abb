"""Ways to train one trial, each timed from building the model to the end of its last epoch."""

import gc
import math
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import optuna
import tensorflow as tf

from benchmarks.ours import train
from benchmarks.trials.raw_loop import EVALUATION_BATCH, raw_loop
from benchmarks.workloads import WORKLOADS, Workload
from optisearch.training import make_trainer

SEED = 1


class Round:
    """One workload's contenders in this process, and their seconds.

    What a contender leaves behind is cleared after it, outside of its time. Our own trials aren't
    followed by `clear_session`: no worker calls it, and it would drop what they are there to show.
    """

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._data = workload.data()
        parts = (self._data.train, self._data.validation)
        self._arrays = tf.nest.map_structure(tf.convert_to_tensor, parts)

    def seconds(self, first: int) -> Iterator[tuple[str, float]]:
        """Run all contenders, this one first: the seconds of their trials, by label."""
        contenders: list[Callable[[], dict[str, float]]]
        contenders = [self._fit, self._fused, self._ours, self._limit]
        turn = first % len(contenders)
        for contender in contenders[turn:] + contenders[:turn]:
            yield from contender().items()
            keras.utils.clear_session(free_memory=False)
            gc.collect()

    def _fit(self) -> dict[str, float]:
        """As every tutorial has it: NumPy arrays into `fit`."""
        x, y = self._data.train
        return {"fit": self._fitted(x=x, y=y, batch_size=self._batch)}

    def _fused(self) -> dict[str, float]:
        """`fit` at its best: tf.data that gathers batches, and an epoch's steps in one call."""
        records, arrays = len(self._data.train[0]), self._arrays[0]

        def gather(rows: Any) -> Any:
            return tf.nest.map_structure(lambda array: tf.gather(array, rows), arrays)

        order = tf.data.Dataset.range(records).shuffle(records)
        batches = order.batch(self._batch).map(gather).prefetch(tf.data.AUTOTUNE)
        steps = math.ceil(records / self._batch)
        options = {"x": batches, "validation_batch_size": EVALUATION_BATCH}
        return {"fused": self._fitted(steps, **options)}

    def _fitted(self, steps_per_execution: int = 1, **options: Any) -> float:
        began = time.perf_counter()
        keras.utils.set_random_seed(SEED)
        model = self._workload.model()
        model.steps_per_execution = steps_per_execution
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`shuffle=True` was passed")  # the data set shuffles
            model.fit(
                **options,
                epochs=self._workload.epochs,
                validation_data=self._data.validation,
                verbose=0,
            )
        return time.perf_counter() - began

    def _ours(self) -> dict[str, float]:
        """A trainer's first trial, whose graph is new, and its second, of the same structure."""
        study, times = self._workload.study, {}
        trainer = make_trainer(study, self._data)
        for number, (label, way) in enumerate((("new", "graphs"), ("again", "graphs used again"))):
            times[label], outcome = train(trainer, study, self._workload.point, SEED + number)
            if outcome.trained_by != way:
                raise RuntimeError(f"a trial meant to be by {way} was by {outcome.trained_by}")
        return times

    def _limit(self) -> dict[str, float]:
        times = {}
        for label, validates in (("limit", True), ("training only", False)):
            began = time.perf_counter()
            loop = raw_loop(self._workload, self._arrays, validates=validates)
            loop()
            traced = time.perf_counter()
            loop()
            times |= {f"{label}, new": traced - began, label: time.perf_counter() - traced}
        return times

    @property
    def _batch(self) -> int:
        return int(self._workload.point.batch_size)


def one_round(names: list[str], first: int) -> list[tuple[str, str, float]]:
    """Time all contenders on all of these workloads, in this process.

    Args:
        names: Those of the workloads.
        first: Which contender begins.

    Returns:
        Workload, label and seconds of each trial.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    _warm_up()
    return [
        (name, label, seconds)
        for name in names
        for label, seconds in Round(WORKLOADS[name]()).seconds(first)
    ]


def _warm_up() -> None:
    """What TensorFlow sets up once in a process is no contender's."""
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(tf.zeros((4, 2)), tf.zeros((4, 1)), verbose=0)
