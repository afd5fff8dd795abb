"""Does the memory of worker processes grow with the trials?

    python -m benchmarks.memory [--study studies/digits.py] [--trials 200]

Prints the resident memory of all workers together (MiB) whenever another twenty trials are done,
and the ratio of the last figure to that after twenty.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import optuna
import psutil

EVERY = 20


def finished(url: str) -> int:
    try:
        study = optuna.load_study(study_name=None, storage=url)
    except (KeyError, ValueError):
        return 0
    return sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))


def resident_mib(run: psutil.Process) -> float:
    total = 0
    for child in run.children(recursive=True):
        try:
            total += child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--study", type=Path, default=Path("studies/digits.py"))
    parser.add_argument("--trials", type=int, default=200)
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/memory.db"
        command = [sys.executable, "-m", "optisearch", "run", str(arguments.study), "--quiet"]
        command += ["--trials", str(arguments.trials), "--pruner", "none", "--storage", url]
        run = psutil.Popen(command)
        figures: dict[int, float] = {}
        while run.poll() is None:
            time.sleep(0.5)
            done, memory = finished(url), resident_mib(run)
            mark = done // EVERY * EVERY
            if done:
                if mark and mark not in figures:
                    print(f"{done:4} trials: {memory:.0f} MiB", flush=True)
                    figures[mark] = memory
                if memory:
                    last = memory
    print(f"last: {last:.0f} MiB, {last / figures[EVERY]:.2f} times that after {EVERY} trials")


if __name__ == "__main__":
    main()
