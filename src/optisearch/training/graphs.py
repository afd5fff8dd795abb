"""A fresh model → one whose steps are graphs: its traced twin, or itself."""

import random
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
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
    validation: Any,
    twins: Twins | None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[Traced, bool]:
    """A model with the values of a fresh one, whose steps are graphs.

    Args:
        model: The fresh model. It may become the twin of those to come.
        train: The data that it is trained on, as tensors.
        validation: What it is evaluated on, the same; or None.
        twins: The models that were traced before; None for a model that is to stay by itself.
        callbacks: Those of its training. One that may change more of the model than values gets a
            model of its own.

    Returns:
        The model, and whether its graphs were there already.

    Raises:
        Untraceable: The model is to be built anew and trained by `fit`.
    """
    kept = (
        structure(model, _types(train), _types(validation))
        if twins is not None and all(map(is_known, callbacks))
        else None
    )
    try:
        known = twins is not None and kept in twins
        if not known or not private.is_built(model):
            private.build(model, tf.nest.map_structure(_symbol, train))
        if not model.optimizer.built:
            private.build_optimizer(model)
        if twins is not None and kept is not None and known:
            return twins.adopt(model, kept), True
        knobs = hold_knobs(kept) if kept else []
        new = Traced(model, Steps(model))
        undrawn = _random_states()
        operations = new.steps.operations(train)
    except Exception as error:
        raise Untraceable(f"its step can't be traced beforehand: {headline(error, 200)}") from error
    if _random_states() != undrawn and not private.draws_globally():
        raise Untraceable("it draws random numbers of Python's or NumPy's while it is traced")
    if graph_random(operations):
        raise Untraceable("its random numbers depend on the graph that they are drawn in")
    alone = calls_python(operations) or private.draws_globally()
    if twins is not None and kept is not None and not alone:
        twins.keep(new, kept, knobs)
    return new, False


def _types(part: Any) -> str:
    return repr(
        tf.nest.map_structure(
            lambda leaf: leaf if leaf is None else (*leaf.shape[1:], leaf.dtype.name), part
        )
    )


def _random_states() -> Any:
    """Those that Python code draws from, which no graph holds."""
    state: Any = np.random.get_state()  # noqa: NPY002  # people's code may use it
    return random.getstate(), *(np.asarray(each).tolist() for each in state)


def _symbol(leaf: Any) -> keras.KerasTensor:
    return keras.KerasTensor((None, *leaf.shape[1:]), leaf.dtype.name)
