"""What determinism costs

The same trial without and with TensorFlow's deterministic ops
(`tf.config.experimental.enable_op_determinism`), each in a process of its own with the number of
threads that is given, in turn: the median of the trials after the first, which traces. *Again the
same* says how many of the processes without came to the same numbers to the last digit, epoch by
epoch and metric by metric, as the first of them; *as without* how many of those with did.
"""

import json
import os
from functools import partial
from statistics import median
from typing import Any

from benchmarks.markdown import table
from benchmarks.measuring import Spread, interleaved, ratios
from benchmarks.processes import apart, note
from benchmarks.workloads import AUTOENCODER, CNN, LSTM, MLP

ROUNDS, QUICK_ROUNDS = 5, 3
TRIALS = 3
THREADS = ("1", "2")
SEED = 7


def run(quick: bool) -> str:
    """The table; quick: the perceptron and the convolutional network, three rounds."""
    rows = []
    for name in (MLP, CNN) if quick else (AUTOENCODER, MLP, CNN, LSTM):
        for threads in THREADS:
            note(f"{name}, threads: {threads}")
            rows.append(row(name, threads, QUICK_ROUNDS if quick else ROUNDS))
    columns = ["", "threads", "without, s", "with, s", "with / without"]
    return table([*columns, "again the same", "as without"], rows)


def row(name: str, threads: str, rounds: int) -> list[str]:
    found: dict[str, list[tuple[float, str]]] = {"without": [], "with": []}
    contenders = {each: partial(_measured, found, name, threads, each) for each in found}
    for _ in interleaved(contenders, rounds):
        pass
    times = {each: [seconds for seconds, _ in found[each]] for each in found}
    first = found["without"][0][1]
    same = {each: sum(numbers == first for _, numbers in found[each]) for each in found}
    return [
        name,
        threads,
        str(Spread.of(times["without"])),
        str(Spread.of(times["with"])),
        str(Spread.of(ratios(times["with"], times["without"]))),
        *(f"{same[each]} of {rounds}" for each in found),
    ]


def _measured(
    found: dict[str, list[tuple[float, str]]], name: str, threads: str, how: str
) -> float:
    seconds, numbers = apart(trials, name, threads, how == "with")
    found[how].append((seconds, numbers))
    return float(seconds)


def trials(name: str, threads: str, deterministic: bool) -> tuple[float, str]:
    """Train in this process: the median of the seconds, and all numbers of the last trial."""
    for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ[variable] = threads
    import optuna
    import tensorflow as tf

    from benchmarks.ours import train
    from benchmarks.workloads import WORKLOADS
    from optisearch.training import make_trainer

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    workload = WORKLOADS[name]()
    trainer = make_trainer(workload.study, workload.data())
    seconds = [train(trainer, workload.study, workload.point, SEED)[0] for _ in range(TRIALS + 1)]
    return median(seconds[1:]), json.dumps(_numbers(trainer, workload))


def _numbers(trainer: Any, workload: Any) -> list[dict[str, Any]]:
    import optuna

    from optisearch.live_run import LiveRun

    run = LiveRun(
        trial=optuna.create_study(pruner=optuna.pruners.NopPruner()).ask(),
        metric=workload.study.metric,
        epochs=workload.epochs,
        seed=SEED,
        stopping=lambda: False,
        listener=lambda _event: None,
        trainer=trainer,
    )
    trainer.train(workload.point, run)
    return [{k: v for k, v in row.items() if k != "seconds"} for row in run.history]
