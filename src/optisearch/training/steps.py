"""A compiled model's steps as two graphs: many steps of training, or of evaluation, in one call.

The loop around the model's own `train_step` and `test_step` is part of the graph, so that between
two steps nothing returns to Python. Records, their order and the batch size are arguments: one
trace serves them all, and the last, smaller batch as well.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from optisearch.training import arrays

Logs = Mapping[str, Any]
Step = Callable[[Any], Any]

_PYTHON = frozenset({"EagerPyFunc", "PyFunc", "PyFuncStateless"})


class Steps:
    """The graphs of a model, traced when they are first needed.

    Args:
        model: A compiled model whose variables exist. What it is given is always of the same types.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._train_step = _traceable(model.train_step, model)
        self._test_step = _traceable(model.test_step, model)
        self._graphs: dict[str, Any] = {}

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
        return self._call(self._train_steps, data, order, batch_size, begin, end)

    def evaluate(self, data: Any, batch_size: int, begin: int, end: int) -> Logs:
        """Evaluate the steps from `begin` up to `end`, the records in their own order.

        Returns:
            What `model.evaluate` would, as scalar tensors.
        """
        return self._call(self._test_steps, data, batch_size, begin, end)

    def _call(self, steps: Callable[..., Logs], data: Any, *numbers: Any) -> Logs:
        arguments = [tf.convert_to_tensor(each, tf.int32) for each in numbers]
        if steps.__name__ not in self._graphs:
            function = tf.function(steps, autograph=False)
            others = (tf.TensorSpec([None] * each.shape.rank, tf.int32) for each in arguments)
            graph = function.get_concrete_function(_batch_of(data), *others)
            self._graphs[steps.__name__] = graph
        logs: Logs = self._graphs[steps.__name__](data, *arguments)
        return logs

    def operations(self, data: Any) -> Sequence[Any]:
        """All operations in a training step, as `NodeDef`s, to know what it depends on."""
        graph = self._train_step.get_concrete_function(_batch_of(data)).graph.as_graph_def()
        return [*graph.node, *(node for each in graph.library.function for node in each.node_def)]

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


def graph_random(operations: Sequence[Any]) -> bool:
    """Whether numbers would be random in another way in another graph, or the next time."""
    return any("seed2" in node.attr for node in operations)


def calls_python(operations: Sequence[Any]) -> bool:
    """Whether Python functions are called, which may hold anything."""
    return any(node.op in _PYTHON for node in operations)


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
