"""What two workers can gain on a large model

The goals for two workers on the CNN suppose that one worker leaves half of the machine idle, and
that workers with too many threads are in each other's way. How far that is true depends on the
model and on what trains it; here without anything of ours, on the CNN's trial (6,000 records, 2
epochs):

- **graph**: the section about one trial's limit, called again and again: arithmetic alone;
- **fit**: NumPy arrays into `model.fit`, the model built anew each time.

Each in one process and in two beside each other, of one thread, of two, and with as many as
TensorFlow takes of its own accord (*unpinned*). Trials per hour of all processes together, from the
moment when each has trained one. Medians of the rounds with the least and the greatest; a ratio is
taken within a round.
"""

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from threading import Barrier

from benchmarks.markdown import table
from benchmarks.measuring import Spread, collected, interleaved, ratios
from benchmarks.processes import QUIET, note
from benchmarks.workloads import CNN, WORKLOADS
from optisearch.chatter import without_chatter
from optisearch.pool.layout import Layout

ROUNDS, SECONDS, QUICK_SECONDS = 3, 15, 5
GRAPH, FIT = WAYS = ("graph", "fit")
ONE, BOTH, TWO, UNPINNED = LAYOUTS = (
    "one of 1 thread",
    "one of 2",
    "two of 1 thread",
    "two unpinned",
)
# How many processes, and the threads of each; None: as many as TensorFlow takes.
SHAPES: dict[str, tuple[int, int | None]] = {
    ONE: (1, 1),
    BOTH: (1, 2),
    TWO: (2, 1),
    UNPINNED: (2, None),
}
# What the rest of the table divides by what.
COMPARED = ((BOTH, ONE), (TWO, ONE), (TWO, BOTH), (TWO, UNPINNED))


def run(quick: bool) -> str:
    """Trials per hour by layout, and their ratios; quick: the graph, once."""
    rows, compared = [], []
    for way in WAYS[:1] if quick else WAYS:
        seconds = QUICK_SECONDS if quick else SECONDS
        contenders = {each: partial(trials_per_hour, way, each, seconds) for each in LAYOUTS}
        rates = collected(interleaved(contenders, 1 if quick else ROUNDS))
        rows.append([way, *(Spread.of(rates[layout]) for layout in LAYOUTS)])
        beside = (Spread.of(ratios(rates[over], rates[under])) for over, under in COMPARED)
        compared.append([way, *beside])
    shares = [f"{over} / {under}" for over, under in COMPARED]
    return "\n\n".join(
        [table(["trials per hour", *LAYOUTS], rows), table(["times as many", *shares], compared)]
    )


def trials_per_hour(way: str, layout: str, seconds: float) -> float:
    """Train for so many seconds in the processes of this layout."""
    note(f"{way}: {layout}")
    processes, threads = SHAPES[layout]
    environment = QUIET if threads is None else Layout(processes, threads).environment()
    context = get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(processes, mp_context=context) as pool:
        rate = partial(_rate, way, seconds, environment, manager.Barrier(processes))
        return sum(future.result() for future in [pool.submit(rate) for _ in range(processes)])


def _rate(way: str, seconds: float, environment: Mapping[str, str], ready: Barrier) -> float:
    os.environ.update(environment)  # before TensorFlow reads it
    with without_chatter():
        trial = {GRAPH: _graph, FIT: _fit}[way]()
        trial()
        ready.wait()
        trials, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < seconds:
            trial()
            trials += 1
        return 3600 * trials / took


def _graph() -> Callable[[], None]:
    import tensorflow as tf

    from benchmarks.trials.raw_loop import raw_loop

    workload = WORKLOADS[CNN]()
    data = workload.data()
    arrays = tf.nest.map_structure(tf.convert_to_tensor, (data.train, data.validation))
    return raw_loop(workload, arrays, validates=True)


def _fit() -> Callable[[], None]:
    workload = WORKLOADS[CNN]()
    data = workload.data()
    x, y = data.train

    def trial() -> None:
        workload.model().fit(
            *(x, y),
            batch_size=workload.point.batch_size,
            epochs=workload.epochs,
            validation_data=data.validation,
            verbose=0,
        )

    return trial
