"""A compiled model's steps as two graphs: many steps of training, or of evaluation, in one call.

The loop around the model's own `train_step` and `test_step` is part of the graph, so that between
two steps nothing returns to Python. Records, their order and the batch size are arguments: one
trace serves them all, and the last, smaller batch as well.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import tensorflow as tf

from optisearch.training import arrays

Logs = Mapping[str, Any]
Step = Callable[[Any], Any]

# Operations whose random numbers come from the graph they are in: its seed, and their place.
_GRAPH_RANDOM = frozenset(
    {
        "Multinomial",
        "ParameterizedTruncatedNormal",
        "RandomGammaV2",
        "RandomPoissonV2",
        "RandomShuffle",
        "RandomStandardNormal",
        "RandomUniform",
        "RandomUniformInt",
        "TruncatedNormal",
    }
)
_PYTHON = frozenset({"EagerPyFunc", "PyFunc", "PyFuncStateless"})


class Steps:
    """The graphs of a model, traced when they are first needed.

    Args:
        model: A compiled model whose variables exist.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._train_step = _traceable(model.train_step, model)
        self._test_step = _traceable(model.test_step, model)
        self._train = tf.function(self._train_steps, autograph=False, reduce_retracing=True)
        self._evaluate = tf.function(self._test_steps, autograph=False, reduce_retracing=True)

    def train(self, data: Any, order: Any, batch_size: int, begin: int, end: int) -> Logs:
        """Train the steps from `begin` up to `end` of an epoch. The first begins new metrics.

        Args:
            data: A part as tensors, (n, …) each.
            order: int32 (n,), the records in the order in which they are trained on.
            batch_size: Records in a step.
            begin: The first step.
            end: The one after the last.

        Returns:
            What `fit` would log after them, as scalar tensors.
        """
        logs: Logs = self._train(data, order, *map(tf.constant, (batch_size, begin, end)))
        return logs

    def evaluate(self, data: Any, batch_size: int, begin: int, end: int) -> Logs:
        """Evaluate the steps from `begin` up to `end`, the records in their own order.

        Returns:
            What `model.evaluate` would, as scalar tensors.
        """
        logs: Logs = self._evaluate(data, *map(tf.constant, (batch_size, begin, end)))
        return logs

    def operations(self, data: Any) -> frozenset[str]:
        """The types of all operations in a training step, to know what it depends on."""
        graph = self._train_step.get_concrete_function(_batch_of(data)).graph
        kinds = {operation.type for operation in graph.get_operations()}
        library = graph.as_graph_def().library.function
        return frozenset(kinds | {node.op for function in library for node in function.node_def})

    def _train_steps(
        self, data: Any, order: tf.Tensor, batch_size: tf.Tensor, begin: tf.Tensor, end: tf.Tensor
    ) -> Logs:
        def batch(step: tf.Tensor) -> Any:
            rows = order[step * batch_size : (step + 1) * batch_size]
            return arrays.gathered(data, rows)

        return self._loop(self._train_step, batch, begin, end, _batch_of(data))

    def _test_steps(
        self, data: Any, batch_size: tf.Tensor, begin: tf.Tensor, end: tf.Tensor
    ) -> Logs:
        def batch(step: tf.Tensor) -> Any:
            rows = slice(step * batch_size, (step + 1) * batch_size)
            return tf.nest.map_structure(lambda leaf: leaf[rows], data)

        return self._loop(self._test_step, batch, begin, end, _batch_of(data))

    def _loop(
        self,
        step: Any,
        batch: Callable[[tf.Tensor], Any],
        begin: tf.Tensor,
        end: tf.Tensor,
        spec: Any,
    ) -> Logs:
        """The logs after these steps, as `fit` chooses them: the metrics', or the last step's."""
        logs = step.get_concrete_function(spec).structured_outputs
        # Not from Python: that would take half as long as an epoch of a small model.
        tf.cond(tf.equal(begin, 0), self._reset_metrics, tf.no_op)
        metrics = self._model.get_metrics_result
        if isinstance(logs, dict) and set(logs) == set(metrics()):
            tf.while_loop(
                lambda index: index < end,
                lambda index: _after(step(batch(index)), index + 1),
                [begin],
            )
            return dict(metrics())
        _, last = tf.while_loop(
            lambda index, _: index < end,
            lambda index, _: (index + 1, step(batch(index))),
            [begin, tf.nest.map_structure(_nothing_yet, logs)],
        )
        return dict(last)

    def _reset_metrics(self) -> Any:
        self._model.reset_metrics()
        return tf.no_op()


def graph_random(operations: frozenset[str]) -> bool:
    """Whether numbers would be random in another way in another graph."""
    return bool(operations & _GRAPH_RANDOM)


def calls_python(operations: frozenset[str]) -> bool:
    """Whether Python functions are called, which may hold anything."""
    return bool(operations & _PYTHON)


def _traceable(step: Step, model: keras.Model) -> Any:
    # As `fit` does it, down to XLA where the model asks for it.
    return tf.function(
        step, autograph=False, reduce_retracing=True, jit_compile=bool(model.jit_compile)
    )


def _batch_of(data: Any) -> Any:
    return tf.nest.map_structure(
        lambda leaf: tf.TensorSpec([None, *leaf.shape[1:]], leaf.dtype), data
    )


def _after(_logs: Any, value: tf.Tensor) -> tf.Tensor:
    return value


def _nothing_yet(spec: Any) -> tf.Tensor:
    return tf.zeros(spec.shape, spec.dtype)
