"""Which pruner? Recorded learning curves of the MNIST study, replayed with each of them.

    python -m benchmarks.pruners storage/curves-random.db storage/curves-tpe.db [--repeats 50]

The curves (`benchmarks/mnist_curves.py`) are of full length; in a replay each trial is cut to a
number of epochs drawn from the study's range, as a search would. Orders and lengths differ between
repeats and are the same for all pruners. Printed per pruner, as mean ± half of a 95 % interval:

- pruned: the share of trials that were pruned
- epochs: the epochs trained, as a share of those without pruning
- lost: how much worse the best value is than without pruning
- to target: epochs until a value within 0.001 of the best without pruning, as a share of the epochs
  that the search without pruning needs for it (where the target was missed: all of its epochs)
"""

import argparse
import random
import statistics
from dataclasses import dataclass
from pathlib import Path

import optuna

from optisearch.pruners import NAMES, make_pruner

EPOCHS = (5, 20)
TARGET = 0.001
# Student's t for 49 and more degrees of freedom, rounded up.
T = 2.02


@dataclass(frozen=True)
class Replay:
    """One search: the values of trials trained to their end, and the epochs spent by then."""

    pruned: float
    spent: int
    finished: list[tuple[int, float]]

    @property
    def best(self) -> float:
        return max((value for _, value in self.finished), default=0.0)

    def epochs_to(self, target: float) -> int:
        return next((spent for spent, value in self.finished if value >= target), self.spent)


def read_curves(paths: list[Path]) -> list[list[float]]:
    """The full learning curves of all trials; one that diverged stays at its last value."""
    curves = []
    for path in paths:
        study = optuna.load_study(study_name=None, storage=f"sqlite:///{path}")
        for trial in study.get_trials(deepcopy=False):
            values = [value for _, value in sorted(trial.intermediate_values.items())]
            if trial.state.is_finished() and values:
                curves.append(values + values[-1:] * (EPOCHS[1] - len(values)))
    return curves


def replay(curves: list[list[float]], lengths: list[int], pruner: str) -> Replay:
    """Search through the curves in this order."""
    study = optuna.create_study(
        direction="maximize",
        pruner=make_pruner(pruner, EPOCHS[1]),
        sampler=optuna.samplers.RandomSampler(seed=0),
    )
    spent, pruned, finished = 0, 0, []
    for curve, length in zip(curves, lengths, strict=True):
        trial = study.ask()
        for epoch in range(length):
            spent += 1
            trial.report(curve[epoch], epoch)
            if epoch + 1 < length and trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                pruned += 1
                break
        else:
            study.tell(trial, curve[length - 1])
            finished.append((spent, curve[length - 1]))
    return Replay(pruned / len(curves), spent, finished)


def summary(values: list[float]) -> str:
    half = T * statistics.stdev(values) / len(values) ** 0.5
    return f"{statistics.mean(values):.4f} ± {half:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("databases", nargs="+", type=Path)
    parser.add_argument("--repeats", type=int, default=50)
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    curves = read_curves(arguments.databases)
    print(f"{len(curves)} curves, {arguments.repeats} repeats\n")
    print("| pruner | pruned | epochs | lost | to target |")
    print("| --- | --- | --- | --- | --- |")
    searches = []
    for repeat in range(arguments.repeats):
        draw = random.Random(repeat)
        order = draw.sample(curves, len(curves))
        searches.append((order, [draw.randint(*EPOCHS) for _ in order]))
    plain = [replay(order, lengths, "none") for order, lengths in searches]
    for name in NAMES:
        runs = [replay(order, lengths, name) for order, lengths in searches]
        pairs = list(zip(runs, plain, strict=True))
        columns = (
            [run.pruned for run in runs],
            [run.spent / base.spent for run, base in pairs],
            [base.best - run.best for run, base in pairs],
            [
                run.epochs_to(base.best - TARGET) / base.epochs_to(base.best - TARGET)
                if run.best >= base.best - TARGET
                else base.spent / base.epochs_to(base.best - TARGET)
                for run, base in pairs
            ],
        )
        print(f"| {name} | {' | '.join(summary(column) for column in columns)} |", flush=True)


if __name__ == "__main__":
    main()
