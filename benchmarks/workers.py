"""How much faster are two workers than one? The same 24 MNIST configurations, nothing pruned.

    python -m benchmarks.workers [--repeats 3]

Start-up is left out: the time runs from the first trial's beginning to the last one's end, as the
database has them. One worker computes with two threads, two workers with one thread each.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import optuna

STUDY = Path(__file__).parents[1] / "studies" / "mnist.py"
TRIALS = 24


def seconds(workers: int, folder: Path) -> float:
    """The time that so many workers need for the trials."""
    url = f"sqlite:///{folder / f'{workers}.db'}"
    command = [sys.executable, "-m", "optisearch", "run", str(STUDY), "--storage", url]
    command += ["--trials", str(TRIALS), "--sampler", "random", "--pruner", "none"]
    subprocess.run([*command, "--workers", str(workers), "--quiet"], check=True)
    trials = optuna.load_study(study_name=None, storage=url).get_trials(deepcopy=False)
    begun = min(trial.datetime_start for trial in trials if trial.datetime_start)
    ended = max(trial.datetime_complete for trial in trials if trial.datetime_complete)
    return (ended - begun).total_seconds()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    ratios = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            one, two = (seconds(workers, Path(folder)) for workers in (1, 2))
        ratios.append(one / two)
        print(f"1 worker {one:.1f} s, 2 workers {two:.1f} s: {one / two:.2f} times as fast")
    print(f"median of {repeats}: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
