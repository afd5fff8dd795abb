"""The baseline on a few batches, before anything is stored: does it train, what will it cost?"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from optisearch.errors import TrainingError
from optisearch.tracebacks import headline
from optisearch.training import arrays, pipeline
from optisearch.training.fitter import Fitter
from optisearch.training.interface import FirstBatch, missing_metric
from optisearch.training.models import parameters, shape
from optisearch.training.options import FitOptions

# Enough for a call's own time not to matter, few enough where a step takes a second.
_STEPS = 4


@dataclass(frozen=True)
class Rehearsal:
    """What it takes to rehearse.

    Attributes:
        build: Makes a fresh model of the baseline.
        data: The study's data.
        options: How the baseline is fitted.
        metrics: The metrics that are objectives.
        fitter: What will train the trials: it keeps the baseline's graphs for them.
    """

    build: Callable[[], keras.Model]
    data: Any
    options: FitOptions
    metrics: Sequence[str]
    fitter: Fitter

    def first_batch(self) -> FirstBatch:
        """Train and evaluate the baseline.

        Raises:
            TrainingError: It doesn't fit the data, or has no metric of an objective's name.
        """
        model = self.build()
        parts = (self.data.train, self.data.validation)
        rehearse = self._on_arrays if all(map(arrays.is_arrays, parts)) else self._on_a_batch
        try:
            names, to_start, per_step = rehearse(model)
        except Exception as error:
            raise TrainingError(
                f"the model doesn't fit the data ({headline(error, 200)})",
                where="build",
                remedy=f"The data's records are {pipeline.describe(self.data.train)}; the model "
                f"takes {shape(model, 'input_shape')} and gives {shape(model, 'output_shape')}",
            ) from None
        missing = missing_metric(self.metrics, names)
        if missing is not None:
            raise missing
        steps: int | None = self.data.sizes["train"]
        if arrays.is_arrays(self.data.train) and steps:
            steps = math.ceil(steps / self.options.batch)
        return FirstBatch(names, parameters(model), to_start, per_step, steps)

    def _on_arrays(self, model: keras.Model) -> tuple[tuple[str, ...], float, float]:
        """Two epochs of some steps: the first one also traces."""
        records = _STEPS * self.options.batch
        train, held_out = (
            pipeline.first_batch(part, records) for part in (self.data.train, self.data.validation)
        )
        clock = _Clock()
        self.fitter.fit(
            *(model, train, held_out, FitOptions(epochs=2, batch_size=self.options.batch)),
            seed=0,
            callbacks=[clock],
            anew=self.build,
        )
        steps = math.ceil(arrays.records(train) / self.options.batch)
        first, second = clock.epochs
        per_step = (second.trained - second.began) / steps
        return tuple(clock.logs), first.trained - clock.made - steps * per_step, per_step

    def _on_a_batch(self, model: keras.Model) -> tuple[tuple[str, ...], float, float]:
        began = time.perf_counter()
        train = pipeline.first_batch(self.data.train, self.options.batch)
        held_out = pipeline.first_batch(self.data.validation, self.options.batch)
        logs = model.train_on_batch(*train, return_dict=True)
        traced = time.perf_counter()
        model.train_on_batch(*train)
        per_step = time.perf_counter() - traced
        evaluation = model.test_on_batch(*held_out, return_dict=True)
        return (*logs, *(f"val_{name}" for name in evaluation)), traced - began, per_step


@dataclass
class _Times:
    """When an epoch began, and when all of its steps were trained; seconds of a clock."""

    began: float
    trained: float = 0.0


class _Clock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Takes the times, and the names in the last epoch's logs."""

    def __init__(self) -> None:
        super().__init__()
        self.made = time.perf_counter()
        self.epochs: list[_Times] = []
        self.logs: Mapping[str, Any] = {}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        self.epochs.append(_Times(time.perf_counter()))

    def on_test_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        self.epochs[-1].trained = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        self.logs = logs or {}
