"""Trials per hour, by workers and threads

The same search by

- **one worker** with all threads of the machine;
- **two workers** with half of the threads each, told to TensorFlow before it starts;
- **two unpinned**: two workers, to each of which TensorFlow gives as many threads as it likes.

Their trials differ in the learning rate alone, so that all take equally long and need no new
graph: it is the steady state that is measured. Each worker's trials are counted from the moment
when all workers have ended one, for some seconds: importing TensorFlow, reading the data and the
first tracing are left out. 2 epochs of the CNN and 5 of the MLP on 10,000 records. Medians of the
rounds with the least and the greatest; a ratio is taken within a round.
"""

import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

import optuna

from benchmarks.markdown import Goal, goals, table
from benchmarks.measuring import Spread, collected, interleaved, ratios
from benchmarks.processes import note, start
from benchmarks.workloads import CNN, MLP, study_file
from optisearch import record
from optisearch.pool.layout import Layout, available_cores
from optisearch.worker import ExitCode

RECORDS, ROUNDS, QUICK_SECONDS = 10_000, 2, 8
POLL_SECONDS, FEWEST = 0.5, 4
NAMES = {
    MLP: "MLP 784-64-10",
    CNN: "CNN",
}
# How long each is looked at; longer where a worker has ended fewer than FEWEST trials by then.
SECONDS = {CNN: 25, MLP: 8}
ONE, TWO, UNPINNED = LAYOUTS = ("one worker", "two workers", "two unpinned")
# Workload, the layouts whose ratio is taken, and what it has to be at least.
GOALS = ((CNN, TWO, ONE, 1.5), (MLP, TWO, ONE, 1.3), (CNN, TWO, UNPINNED, 1.8))


def run(quick: bool) -> str:
    """Trials per hour of each layout and their ratios; quick: one MLP, once, a shorter look."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    found: dict[str, dict[str, list[float]]] = {}
    for name, seconds in {MLP: QUICK_SECONDS}.items() if quick else SECONDS.items():
        contenders = {each: partial(trials_per_hour, name, each, seconds) for each in LAYOUTS}
        found[name] = collected(interleaved(contenders, 1 if quick else ROUNDS))
    rows = []
    for name, rates in found.items():
        each = (Spread.of(rates[layout]) for layout in LAYOUTS)
        beside = (Spread.of(ratios(rates[TWO], rates[other])) for other in (ONE, UNPINNED))
        rows.append([NAMES[name], *each, *beside])
    header = ["trials per hour", *LAYOUTS, "two / one", "two / unpinned"]
    wanted = (
        Goal(
            f"{NAMES[name]}: {over} / {under}", least, ratios(found[name][over], found[name][under])
        )
        for name, over, under, least in GOALS
        if name in found
    )
    return f"{table(header, rows)}\n\n{goals(wanted)}"


def trials_per_hour(name: str, layout: str, seconds: float) -> float:
    """Let workers in this layout train the workload, and look at them for so many seconds."""
    note(f"{NAMES[name]}: {layout}")
    workers = 1 if layout == ONE else 2
    threads = Layout(workers, max(1, available_cores() // workers)).environment()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        output = stack.enter_context(tempfile.TemporaryFile())
        url = f"sqlite:///{folder / 'workers.db'}"
        study = f"steady({name!r}, {RECORDS})"
        command = ["-m", "optisearch", "work", str(study_file(folder, study))]
        command += ["--trials", "1000000", "--sampler", "random", "--pruner", "none"]
        command += ["--storage", url]
        processes = [
            start(command, {} if layout == UNPINNED else threads, output) for _ in range(workers)
        ]

        def wait_for(trials: int) -> None:
            """Until each worker has ended so many, or one of them is gone."""
            while all(process.poll() is None for process in processes):
                found = ends(url).values()
                if len(found) == workers and min(map(len, found)) >= trials:
                    break
                time.sleep(POLL_SECONDS)

        wait_for(1)
        time.sleep(seconds)
        wait_for(FEWEST)
        for process in processes:
            process.terminate()
        codes = {process.wait() for process in processes}
        if codes != {ExitCode.WORK_LEFT}:
            output.seek(0)
            raise RuntimeError(output.read().decode(errors="replace")[-2000:])
        return per_hour(ends(url))


def ends(url: str) -> dict[str, list[datetime]]:
    """When each worker ended its trials."""
    found: dict[str, list[datetime]] = {}
    try:
        study = optuna.load_study(study_name=None, storage=url)
    except (KeyError, ValueError):  # there is none yet
        return found
    for trial in study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.COMPLETE]):
        assert trial.datetime_complete is not None
        found.setdefault(trial.user_attrs[record.WORKER], []).append(trial.datetime_complete)
    return found


def per_hour(ended: Mapping[str, Iterable[datetime]]) -> float:
    """Trials per hour of all workers together, from the moment when each has ended one.

    Args:
        ended: When each worker ended its trials.

    Raises:
        ValueError: A worker ended fewer than two from then on.
    """
    begin = max(min(times) for times in ended.values())
    total = 0.0
    for worker, all_times in ended.items():
        times = sorted(time for time in all_times if time >= begin)
        if len(times) < 2:
            raise ValueError(f"{worker} ended too few trials ({len(times)}) to tell its rate")
        total += 3600 * (len(times) - 1) / (times[-1] - times[0]).total_seconds()
    return total
