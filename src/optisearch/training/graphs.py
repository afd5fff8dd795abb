"""A fresh model → one whose steps are graphs: its traced twin, or itself."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from optisearch.tracebacks import headline
from optisearch.training import arrays, private
from optisearch.training.fallback import is_known
from optisearch.training.steps import Steps, calls_python, graph_random
from optisearch.training.structure import structure
from optisearch.training.twins import Traced, Twins, hold_knobs

_DRAWS = "it draws random numbers of Python's or NumPy's while it is traced"
_RANDOM = "its random numbers depend on the graph that they are drawn in"
_UNDESCRIBED = "the model holds what can't be described"


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
            private.build(model, symbols(train))
        if not model.optimizer.built:
            private.build_optimizer(model)
        if twins is not None and kept is not None and known:
            return twins.adopt(model, kept), True
        described = kept is not None or structure(model) is not None
        knobs = hold_knobs(kept) if kept else []
        steps = Steps(model)
        undrawn = _random_states()
        operations = steps.operations(train)
    except Exception as error:
        raise Untraceable(f"its step can't be traced beforehand: {headline(error, 200)}") from error
    if _random_states() != undrawn and not private.draws_globally():
        raise Untraceable(_DRAWS)
    if graph_random(operations):
        raise Untraceable(_RANDOM)
    alone = calls_python(operations) or private.draws_globally()
    new = Traced(model, steps, _more(operations) if described else _UNDESCRIBED)
    if twins is not None and kept is not None and not alone:
        twins.keep(new, kept, knobs)
    return new, False


def why_anew(model: keras.Model, train: Any) -> Callable[[], str]:
    """Asks why a training by `fit` can't go on from a checkpoint; empty where it can.

    Args:
        model: The model, not trained yet. Its variables and code are looked at now.
        train: The arrays that it is trained on. That its step is traced for it can wait.
    """
    if not private.is_built(model):
        return lambda: "the model is built while it is trained"
    if structure(model) is None:
        return lambda: _UNDESCRIBED

    def traced() -> str:
        python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
        undrawn = _random_states()
        more = _more(Steps(model).operations(arrays.tuples(train)))
        if _random_states() != undrawn:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002
            return _DRAWS
        return more

    return traced


def _more(operations: Sequence[Any]) -> str:
    """What a step depends on beside the values of variables."""
    if graph_random(operations):
        return _RANDOM
    return "it calls Python functions, which may hold anything" if calls_python(operations) else ""


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


def symbols(part: Any) -> Any:
    """A part, or a batch of it, as `keras.KerasTensor`s of any number of records."""
    return tf.nest.map_structure(_symbol, part)


def _symbol(leaf: Any) -> keras.KerasTensor:
    return keras.KerasTensor((None, *leaf.shape[1:]), leaf.dtype.name)
