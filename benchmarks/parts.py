"""What a step does beside its arithmetic

The milliseconds of an epoch's training steps (MLP 784-64-10, 20,000 records, 313 steps), without
validation, adding one thing at a time to the arithmetic:

- **arithmetic**: a hand-written loop in a graph: forward, backward, the optimizer's update; a batch
  is a slice of the records, in the same order each epoch;
- **in the trial's order**: each batch is gathered by the numbers of its records;
- **with the metrics**: the model's own `train_step` in its place, which also counts the loss and
  the accuracy as `fit` reports them: a dozen small operations in each step;
- **ours**: what a trial is trained by.

And what a trial whose graphs are there does outside of its epochs: building the fresh model,
handing its values to the twin, and freeing it. Medians with the least and the greatest, in one
process, in turn.
"""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.markdown import table
from benchmarks.measuring import Spread, collected, interleaved
from benchmarks.processes import apart
from benchmarks.workloads import MLP, WORKLOADS, Workload

ROUNDS, QUICK_ROUNDS = 15, 5
SEED = 1


def run(quick: bool) -> str:
    """Both tables."""
    epochs, around = apart(_measured, QUICK_ROUNDS if quick else ROUNDS)
    by_epoch = table(["ms per epoch", ""], [[name, Spread.of(ms)] for name, ms in epochs.items()])
    by_trial = table(["ms per trial", ""], [[name, Spread.of(ms)] for name, ms in around.items()])
    return f"{by_epoch}\n\n{by_trial}"


def _measured(rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    workload = WORKLOADS[MLP]()
    return collected(interleaved(_epochs(workload), rounds)), collected(
        interleaved(_around(workload), rounds)
    )


def _epochs(workload: Workload) -> dict[str, Callable[[], float]]:
    import keras
    import tensorflow as tf

    from optisearch.training.graphs import traced
    from optisearch.training.order import order

    data = tf.nest.map_structure(tf.convert_to_tensor, workload.data().train)
    records, batch = len(data[0]), int(workload.point.batch_size)
    steps, rows = -(-records // batch), tf.constant(order(records, SEED, 0))

    def arithmetic(model: Any) -> Callable[[Any], Any]:
        loss, weights = keras.losses.get(model.loss), model.trainable_variables
        model.optimizer.build(weights)

        def step(batch: Any) -> None:
            with tf.GradientTape() as tape:
                value = tf.reduce_mean(loss(batch[1], model(batch[0], training=True)))
            model.optimizer.apply(tape.gradient(value, weights), weights)

        return step

    def looped(step: Callable[[Any], Any], *, in_order: bool) -> Callable[[], float]:
        @tf.function(autograph=False)
        def epoch(data: Any, rows: Any) -> Any:
            def body(index: Any) -> Any:
                at = slice(index * batch, (index + 1) * batch)
                step([tf.gather(leaf, rows[at]) if in_order else leaf[at] for leaf in data])
                return (index + 1,)

            return tf.while_loop(lambda index: index < steps, body, [tf.constant(0)])

        return _timed(lambda: epoch(data, rows))

    ours, _ = traced(workload.model(), data, None, None)
    counting, _ = traced(workload.model(), data, None, None)
    step = tf.function(lambda batch: counting.model.train_step(tuple(batch)), autograph=False)
    return {
        "arithmetic": looped(arithmetic(workload.model()), in_order=False),
        "in the trial's order": looped(arithmetic(workload.model()), in_order=True),
        "with the metrics": looped(step, in_order=True),
        "ours": _timed(lambda: ours.steps.train(data, rows, batch, 0, steps)),
    }


def _around(workload: Workload) -> dict[str, Callable[[], float]]:
    import tensorflow as tf

    from optisearch.training import make_trainer, models
    from optisearch.training.graphs import traced
    from optisearch.training.twins import Twins

    trainer, twins = make_trainer(workload.study, workload.data()), Twins()
    data = tf.nest.map_structure(tf.convert_to_tensor, workload.data().train)
    point = workload.point

    def fresh() -> Any:
        assert workload.study.build is not None
        return models.fresh_for_graphs(workload.study.build, point, SEED)

    traced(fresh(), data, None, twins)

    def handed_over() -> float:
        model, began = fresh(), time.perf_counter()
        _, again = traced(model, data, None, twins)
        if not again:
            raise RuntimeError("its graphs weren't used again")
        return 1000 * (time.perf_counter() - began)

    return {
        "building the fresh model": _timed(fresh),
        "handing its values to the twin": handed_over,
        "freeing what it held": _timed(trainer.release),
    }


def _timed(what: Callable[[], Any]) -> Callable[[], float]:
    what()  # traces, or fills caches

    def milliseconds() -> float:
        began = time.perf_counter()
        what()
        return 1000 * (time.perf_counter() - began)

    return milliseconds
