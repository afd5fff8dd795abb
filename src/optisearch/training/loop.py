"""What `keras.Model.fit` does around its steps, around steps that are one call an epoch."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from optisearch.training import arrays, private
from optisearch.training.fallback import is_known
from optisearch.training.options import FitOptions
from optisearch.training.order import order
from optisearch.training.pace import Pace
from optisearch.training.steps import Logs, Steps
from optisearch.training.structure import structure
from optisearch.training.twins import Traced

Between = Callable[[int, float, Mapping[str, float]], None]


def fit(
    traced: Traced,
    train: Any,
    validation: Any,
    options: FitOptions,
    *,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    between: Between = lambda _epoch, _share, _logs: None,
) -> keras.callbacks.History:
    """Train a model as `keras.Model.fit` would, bit by bit, each epoch in the order of its seed.

    Args:
        traced: The compiled model, whose variables exist, and its steps.
        train: Its data, as tensors.
        validation: The same to evaluate it on, or None.
        options: How it is fitted.
        seed: What the epochs' orders follow from.
        callbacks: Called at the beginning and end of training, epochs and evaluations.
        between: Called within a long epoch, with the epoch, its share that is done, and the logs.

    Returns:
        The history, as `fit` does.
    """
    model, steps = traced.model, traced.steps
    records = arrays.records(train)
    many = math.ceil(records / options.batch)
    listeners = keras.callbacks.CallbackList(
        list(callbacks), add_history=True, model=model, verbose=0, epochs=options.epochs, steps=many
    )
    training, testing = Pace(), Pace()
    # What a callback of the study does to the model before its first step counts for `fit`.
    known = all(map(is_known, callbacks))
    before = None if known else structure(model)
    logs: dict[str, Any] | None = None
    model.stop_training = False
    listeners.on_train_begin()
    begin = private.first_epoch(model) or options.initial_epoch
    for epoch in range(begin, options.epochs):
        listeners.on_epoch_begin(epoch)
        if epoch == begin and not known and (before is None or before != structure(model)):
            steps = Steps(model)
        if options.shuffle or epoch == begin:
            rows = tf.constant(order(records, seed, epoch) if options.shuffle else range(records))
        for first, end in training.calls(many):
            logs = _numbers(steps.train(train, rows, options.batch, first, end))
            if end < many:
                between(epoch, end / many, logs)
        if validation is not None and options.evaluates(epoch):
            listeners.on_test_begin()
            found = _evaluated(steps, validation, options.validation_batch_size, testing)
            listeners.on_test_end(found)
            logs = {**(logs or {}), **{f"val_{name}": value for name, value in found.items()}}
        listeners.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    model.optimizer.finalize_variable_values(model.trainable_weights)
    listeners.on_train_end(logs)
    return model.history


def _evaluated(steps: Steps, part: Any, batch_size: int, pace: Pace) -> dict[str, Any]:
    logs: Logs = {}
    for begin, end in pace.calls(math.ceil(arrays.records(part) / batch_size)):
        logs = steps.evaluate(part, batch_size, begin, end)
    return _numbers(logs)


def _numbers(logs: Logs) -> dict[str, Any]:
    return {name: float(value) if value.shape.rank == 0 else value for name, value in logs.items()}
