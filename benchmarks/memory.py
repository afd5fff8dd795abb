"""Memory over many trials

The resident memory after so many trials of the autoencoder (3 epochs each), in MiB:

- **same structure**: one process whose trainer trains all of them, their learning rates and seeds
  being all that differs: the graph is traced once;
- **another structure each time**: `python -m optisearch run` with one worker, every trial another
  width, so that each traces a new graph. A worker that has grown is replaced by a fresh one:
  *greatest* is the most that it held at any time, *workers* how many there were.
"""

import contextlib
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import optuna
import psutil

from benchmarks.markdown import Goal, goals, table
from benchmarks.processes import apart, note, start
from benchmarks.workloads import study_file
from optisearch import record

EPOCHS, TRIALS, EVERY, SETTLED = 3, 500, 50, 50
OTHER_TRIALS, QUICK_TRIALS = 200, 100
EARLY = (1, 10)
POLL_SECONDS = 0.5
MIB = 2**20


def run(quick: bool) -> str:
    """Both tables and the goal; quick: 100 trials of the same structure alone."""
    trials = QUICK_TRIALS if quick else TRIALS
    note(f"{trials} trials of the same structure")
    held = apart(same_structure, trials)
    grown = held[trials] / held[SETTLED]
    parts = [
        table(
            ["trials", *held], [["MiB, same structure", *(f"{held[mark]:.0f}" for mark in held)]]
        ),
        goals([Goal(f"after {trials} trials / after {SETTLED}", 1.1, [grown], most=True)]),
    ]
    if not quick:
        note(f"{OTHER_TRIALS} trials, another structure each time")
        parts.insert(1, other_structures(OTHER_TRIALS))
    return "\n\n".join(parts)


def same_structure(trials: int) -> dict[int, float]:
    """Train in this process: trials → MiB after them."""
    from benchmarks.ours import train
    from benchmarks.workloads import autoencoder
    from optisearch.training import make_trainer

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    workload = autoencoder()
    trainer = make_trainer(workload.study, workload.data())
    draw, held = random.Random(0), {}
    for number in range(1, trials + 1):
        rate = 10 ** draw.uniform(-4, -1)
        point = replace(workload.point, epochs=EPOCHS, learning_rate=rate)
        train(trainer, workload.study, point, seed=number)
        if number in EARLY or number % EVERY == 0:
            held[number] = psutil.Process().memory_info().rss / MIB
    return held


def other_structures(trials: int) -> str:
    """Let one worker and its successors train: a table of the memory and of the workers."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as output:
        url = f"sqlite:///{Path(folder) / 'memory.db'}"
        command = ["-m", "optisearch", "run", str(study_file(Path(folder), f"widths({EPOCHS})"))]
        command += ["--trials", str(trials), "--sampler", "random", "--pruner", "none"]
        process = start([*command, "--workers", "1", "--quiet", "--storage", url], {}, output)
        greatest = 0.0
        while process.poll() is None:
            greatest = max(greatest, children_mib(process.pid))
            time.sleep(POLL_SECONDS)
        if process.returncode:
            output.seek(0)
            raise RuntimeError(output.read().decode(errors="replace")[-2000:])
        stored = optuna.load_study(study_name=None, storage=url).get_trials(deepcopy=False)
    workers = {trial.user_attrs[record.WORKER] for trial in stored}
    row = ["another structure each time", f"{greatest:.0f}", len(workers)]
    return table([f"{trials} trials", "greatest, MiB", "workers"], [row])


def children_mib(pid: int) -> float:
    """The resident memory of the largest process below this one."""
    held = [0.0]
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                held.append(child.memory_info().rss / MIB)
    return max(held)
