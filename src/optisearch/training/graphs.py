"""A fresh model → one whose steps are graphs: its traced twin, or itself."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from optisearch.tracebacks import headline
from optisearch.training import private
from optisearch.training.fallback import is_known
from optisearch.training.steps import Steps, calls_python, graph_random
from optisearch.training.structure import structure
from optisearch.training.twins import Traced, Twins, hold_knobs


class Untraceable(Exception):
    """A model whose steps can't be a graph of ours; its text says why."""


def traced(
    model: keras.Model,
    train: Any,
    twins: Twins,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[Traced, bool]:
    """A model with the values of a fresh one, whose steps are graphs.

    Args:
        model: The fresh model. It may become the twin of those to come.
        train: The data that it is trained on, as tensors.
        twins: The models that were traced before.
        callbacks: Those of its training. One that may change more of the model than values gets a
            model of its own.

    Returns:
        The model, and whether its graphs were there already.

    Raises:
        Untraceable: The model is to be built anew and trained by `fit`.
    """
    kept = structure(model, _types(train)) if all(map(is_known, callbacks)) else None
    try:
        if kept not in twins or not private.is_built(model):
            private.build(model, tf.nest.map_structure(_symbol, train))
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        if kept is not None and kept in twins:
            return twins.adopt(model, kept), True
        knobs = hold_knobs(kept) if kept else []
        new = Traced(model, Steps(model))
        operations = new.steps.operations(train)
    except Exception as error:
        raise Untraceable(f"its step can't be traced beforehand: {headline(error, 200)}") from error
    if graph_random(operations):
        raise Untraceable("its random numbers depend on the graph that they are drawn in")
    alone = calls_python(operations) or private.draws_globally()
    if kept is not None and not alone:
        twins.keep(new, kept, knobs)
    return new, False


def _types(train: Any) -> Any:
    leaves = tf.nest.map_structure(lambda leaf: (*leaf.shape[1:], leaf.dtype.name), train)
    return repr(leaves)


def _symbol(leaf: Any) -> keras.KerasTensor:
    return keras.KerasTensor((None, *leaf.shape[1:]), leaf.dtype.name)
