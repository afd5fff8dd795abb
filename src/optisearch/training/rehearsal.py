"""The baseline on one batch, before anything is stored: does it train, and what will it cost?"""

import math
import time
from typing import Any

import keras

from optisearch.errors import TrainingError
from optisearch.tracebacks import headline
from optisearch.training import arrays, pipeline
from optisearch.training.interface import FirstBatch, missing_metric
from optisearch.training.models import parameters, shape
from optisearch.training.options import FitOptions


def rehearse(model: keras.Model, data: Any, options: FitOptions, metric: str) -> FirstBatch:
    """Train and evaluate a fresh model on one batch.

    Raises:
        TrainingError: It doesn't fit the data, or has no metric of the monitored name.
    """
    began = time.perf_counter()
    try:
        train = pipeline.first_batch(data.train, options.batch)
        held_out = pipeline.first_batch(data.validation, options.batch)
        logs = model.train_on_batch(*train, return_dict=True)
        traced = time.perf_counter()
        model.train_on_batch(*train)
        per_step = time.perf_counter() - traced
        evaluation = model.test_on_batch(*held_out, return_dict=True)
    except Exception as error:
        raise TrainingError(
            f"the model doesn't fit the data ({headline(error, 200)})",
            where="build",
            remedy=f"The data's records are {pipeline.describe(data.train)}; the model takes "
            f"{shape(model, 'input_shape')} and gives {shape(model, 'output_shape')}",
        ) from None
    names = (*logs, *(f"val_{name}" for name in evaluation))
    if metric not in names:
        raise missing_metric(metric, names)
    steps: int | None = data.sizes["train"]
    if arrays.is_arrays(data.train) and steps:
        steps = math.ceil(steps / options.batch)
    return FirstBatch(names, parameters(model), traced - began, per_step, steps)
