"""What do `status` and `report` cost beside plain Optuna, on 1,000 trials?

    python -m benchmarks.telling [--trials 1000] [--repeats 7]

The bare script loads the study and reads its trials, nothing else. All are timed as whole
processes, in turn; printed are medians and the ratio to the bare script.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import optuna
from optuna.trial import TrialState

from optisearch import manifest, record
from optisearch.address import parse
from optisearch.joining import open_stage
from optisearch.loading import load_study
from optisearch.settings import Wishes
from optisearch.storage import open_database

STUDY = Path(__file__).parents[1] / "tests" / "studies" / "parabola.py"
BARE = """
import sys, optuna
study = optuna.load_study(study_name=sys.argv[2], storage=sys.argv[1])
print(len(study.get_trials()))
"""


def fill(url: str, trials: int) -> str:
    """A stage with so many trials, as a search leaves them. Returns its name."""
    study = load_study(STUDY)
    description = manifest.describe(study, None)
    stage = open_stage(open_database(parse(url), create=True), description, Wishes(trials=trials))
    draw = random.Random(0)
    now = datetime.now()
    distributions = {
        "x": optuna.distributions.FloatDistribution(-10.0, 10.0),
        "shape": optuna.distributions.CategoricalDistribution(("flat", "steep")),
        "epochs": optuna.distributions.IntDistribution(1, 10),
    }
    for number in range(trials):
        epochs = draw.randint(1, 10)
        values = [draw.random() for _ in range(epochs)]
        row = {"loss": draw.random(), "val_loss": draw.random(), study.metric: values[-1]}
        trial = optuna.trial.create_trial(
            state=TrialState.COMPLETE if number % 3 else TrialState.PRUNED,
            value=values[-1],
            params={"x": draw.uniform(-10, 10), "shape": "flat", "epochs": epochs},
            distributions=distributions,
            intermediate_values=dict(enumerate(values)),
            user_attrs={
                record.SEED: number,
                record.SECONDS: 3.0,
                record.SECONDS_PER_EPOCH: 0.3,
                record.EPOCHS_TRAINED: epochs,
                record.DIVERGED: False,
                record.END_REASON: "completed" if number % 3 else "pruned",
                **row,
            },
            system_attrs={
                record.HISTORY: [{"epoch": e, "seconds": 0.3, **row} for e in range(epochs)]
            },
        )
        trial.datetime_start = now - timedelta(seconds=3)
        trial.datetime_complete = now
        stage.study.add_trial(trial)
    return stage.name


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/thousand.db"
        name = fill(url, arguments.trials)
        ours = [sys.executable, "-m", "optisearch"]
        commands = {
            "bare script": [sys.executable, "-c", BARE, url, name],
            "status": [*ours, "status", "--storage", url],
            f"status {name}": [*ours, "status", name, "--storage", url],
            f"report {name}": [*ours, "report", name, "--storage", url],
            "--help": [*ours, "--help"],
        }
        times: dict[str, list[float]] = {label: [] for label in commands}
        for _ in range(arguments.repeats):
            for label, command in commands.items():
                times[label].append(seconds(command))
    bare = statistics.median(times["bare script"])
    print(f"{arguments.trials} trials, medians of {arguments.repeats}\n")
    print("| command | seconds | ratio |")
    print("| --- | --- | --- |")
    for label, values in times.items():
        middle = statistics.median(values)
        print(f"| {label} | {middle:.2f} | {middle / bare:.2f} |")


if __name__ == "__main__":
    main()
