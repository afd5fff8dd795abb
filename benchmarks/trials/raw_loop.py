"""The limit: a model's training as one graph that does nothing but its arithmetic."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from benchmarks.workloads import Workload

# Evaluation keeps no activations: larger batches are only faster.
EVALUATION_BATCH = 1024


def raw_loop(workload: Workload, arrays: Any, *, validates: bool) -> Callable[[], None]:
    """Build the model, and the graph that trains all of its epochs in one call.

    The loss of each batch, its gradient and the optimizer's update; with `validates`, after each
    epoch the loss over the validation part, in batches of 1,024. No metrics, no callbacks, no
    shuffling: the records lie on the device in one order, and each batch is a slice of them.

    Args:
        workload: The model.
        arrays: `((x, y), (x, y))` to train and to validate on, tensors.
        validates: Whether it validates.

    Returns:
        What trains the model; the first call traces the graph.
    """
    model = workload.model()
    loss, variables = keras.losses.get(model.loss), model.trainable_variables
    optimizer = model.optimizer
    optimizer.build(variables)
    batch, epochs = workload.point.batch_size, workload.epochs

    def mean_loss(x: Any, y: Any, *, training: bool) -> Any:
        return tf.reduce_mean(loss(y, model(x, training=training)))

    @tf.function
    def train(x: Any, y: Any, held_x: Any, held_y: Any) -> Any:
        total = 0.0
        for _ in tf.range(epochs):
            for start in tf.range(0, len(x), batch):
                end = start + batch
                with tf.GradientTape() as tape:
                    value = mean_loss(x[start:end], y[start:end], training=True)
                optimizer.apply(tape.gradient(value, variables), variables)
            if validates:
                for start in tf.range(0, len(held_x), EVALUATION_BATCH):
                    end = start + EVALUATION_BATCH
                    total += mean_loss(held_x[start:end], held_y[start:end], training=False)
        return total

    def run() -> None:
        (x, y), (held_x, held_y) = arrays
        train(x, y, held_x, held_y).numpy()

    return run
