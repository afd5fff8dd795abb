"""What the graph loop can't do and `keras.Model.fit` does: asked before a trial, in words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import keras
import tensorflow as tf

from optisearch.training import arrays
from optisearch.training.callbacks import ReportEpochs
from optisearch.training.options import FitOptions

# What the loop does in place of these: a model with one of its own wants that one.
_REPLACED = ("fit", "evaluate", "make_train_function", "make_test_function", "reset_metrics")
_BATCH_HOOKS = tuple(
    f"on_{what}batch_{when}" for what in ("", "train_", "test_") for when in ("begin", "end")
)
_LABELLED = 2
# They look after each batch whether to save, and here they needn't.
_SAVERS = (keras.callbacks.ModelCheckpoint, keras.callbacks.BackupAndRestore)


def why_fit(
    model: keras.Model,
    parts: Sequence[Any],
    options: FitOptions,
    callbacks: Iterable[keras.callbacks.Callback],
    tensors: arrays.Tensors,
) -> str:
    """Why a trial has to be trained by `fit`; empty where it needn't.

    Args:
        model: The compiled model.
        parts: What it is trained on and evaluated on.
        options: How it is fitted.
        callbacks: The study's own and ours.
        tensors: Where the parts are, or would be, on the device.
    """
    reasons = chain(
        _of_model(model), _of_options(options, parts), _of_data(parts, tensors), _of(callbacks)
    )
    return next(reasons, "")


def why_anew(model: keras.Model, parts: Sequence[Any], options: FitOptions) -> str:
    """Why a training by `fit` can't go on from a checkpoint, as far as its arguments tell."""
    reasons = chain(_of_model(model), _of_options(options, parts))
    if not all(map(arrays.is_arrays, parts)):
        return "the data comes in batches of its own, the next time perhaps in another order"
    return next(reasons, "")


def is_known(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback changes nothing of a model but values of its variables."""
    kind = type(callback)
    return kind.__module__.startswith(("keras.", "optisearch.")) and not isinstance(
        callback, keras.callbacks.LambdaCallback
    )


def _of_model(model: keras.Model) -> Iterator[str]:
    for method in _REPLACED:
        if getattr(type(model), method) is not getattr(keras.Model, method):
            yield f"{type(model).__name__} has a `{method}` of its own"
    if model.run_eagerly:
        yield "the model is compiled with run_eagerly=True"
    if model.distribute_strategy is not tf.distribute.get_strategy():
        yield f"the model is trained under a {type(model.distribute_strategy).__name__}"


def _of_options(options: FitOptions, parts: Sequence[Any]) -> Iterator[str]:
    if options.others:
        yield f"{', '.join(options.others)} is an argument for `fit` alone"
    if keras.config.max_epochs() or keras.config.max_steps_per_epoch():
        yield "Keras is told to limit epochs or steps"
    if options.class_weight and (len(parts[0]) != _LABELLED or tf.nest.is_nested(parts[0][1])):
        yield "class_weight is for data of one output, without weights of its own"


def _of_data(parts: Sequence[Any], tensors: arrays.Tensors) -> Iterator[str]:
    if not all(map(arrays.is_arrays, parts)):
        yield "the data comes in batches of its own"
    elif not tensors.have_room_for(*parts):
        yield f"the data ({arrays.gibibytes(*parts):.1f} GiB) is too large for the memory"


def _of(callbacks: Iterable[keras.callbacks.Callback]) -> Iterator[str]:
    for callback in callbacks:
        if acts_per_batch(callback):
            yield f"the callback {type(callback).__name__} acts after each batch"


def acts_per_batch(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback does something at the beginning or end of each batch."""
    if isinstance(callback, ReportEpochs):
        return False
    if isinstance(callback, _SAVERS) and callback.save_freq == "epoch":
        return False
    return any(_is_own(callback, hook) for hook in _BATCH_HOOKS)


def _is_own(callback: keras.callbacks.Callback, hook: str) -> bool:
    method = getattr(callback, hook)
    return getattr(method, "__func__", method) is not getattr(keras.callbacks.Callback, hook)
