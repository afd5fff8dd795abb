"""The time of a search

How long does each search take to a validation accuracy, in the same space (optimizer, learning
rate, batch size, activation, units, dropout: `benchmarks/studies/race.py`), on the same data
(MNIST, 10,000 records to train on, 10,000 to choose by), each alone on the machine?

- **ours**: `python -m optisearch run`, its defaults, 60 trials;
- **Optuna**: its own Keras example with the pruning callback and the median pruner, 20 trials
  ([keras_integration][optuna]);
- **RandomSearch**, **BayesianOptimization**: KerasTuner as its guide has it, 10 trials, its default
  ([getting_started](https://keras.io/guides/keras_tuner/getting_started/));
- **Hyperband**: KerasTuner as TensorFlow's tutorial has it, `max_epochs=10`, one iteration
  ([keras_tuner](https://www.tensorflow.org/tutorials/keras/keras_tuner)).

The peers are changed in their data, space, epochs and number of trials and seeded, nothing else.
All train 10 epochs, but for what they prune, stop or halve themselves. What counts of a peer of
KerasTuner is its best epoch, as it scores itself, from the end of that epoch on; of ours and of
Optuna the last epoch of a trial that was trained to its end, from the end of the trial on.

All are raced in five rounds.

Seconds from the start of the process, TensorFlow's import included, or from the beginning of the
first trial. Each round has another seed; where a value was not reached, the time is infinite.
Medians of the rounds with the least and the greatest.

[optuna]: https://github.com/optuna/optuna-examples/blob/main/keras/keras_integration.py
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import optuna

from benchmarks import ROOT
from benchmarks.processes import note, seconds
from benchmarks.search.tables import beside, own
from benchmarks.search.track import Track

RACE = ROOT / "benchmarks" / "studies" / "race.py"
OURS, OPTUNA, HYPERBAND = "ours", "Optuna", "Hyperband"


@dataclass(frozen=True)
class Size:
    """How much each search does, how often, and which of them beside ours and Hyperband."""

    rounds: int
    records: int
    epochs: int
    trials: int
    optuna_trials: int
    others: tuple[str, ...]


FULL = Size(5, 10_000, 10, 60, 20, (OPTUNA, "RandomSearch", "BayesianOptimization"))
QUICK = Size(1, 2_000, 4, 40, 10, ())


def run(quick: bool) -> str:
    """What each reached and when, and when ours did; quick: Hyperband, 2,000 records, 4 epochs."""
    size = QUICK if quick else FULL
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    names = [OURS, HYPERBAND, *size.others]
    rounds: list[dict[str, Track]] = []
    for number in range(size.rounds):
        turn = number % len(names)
        rounds.append({name: search(name, size, number) for name in names[turn:] + names[:turn]})
    heading = f"{size.records:,} records, {size.epochs} epochs:"
    return "\n\n".join([heading, own(rounds, names), beside(rounds, names[1:], quick=quick)])


def search(name: str, size: Size, seed: int) -> Track:
    """Run one search in a process of its own."""
    note(f"{name}, seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        file, url = Path(folder) / "track.json", f"sqlite:///{Path(folder) / 'race.db'}"
        began = time.time()
        seconds(command(name, size, seed, file, url), {"RACE_EPOCHS": str(size.epochs)})
        ended = time.time()
        if name == OURS:
            stored(url).write(file)
        return Track.read(file, began=began, ended=ended)


def command(name: str, size: Size, seed: int, file: Path, url: str) -> list[str]:
    """The search's command line, without Python itself."""
    records, epochs = str(size.records), str(size.epochs)
    if name == OURS:
        ours = ["-m", "optisearch", "run", str(RACE), "--train-samples", records, "--quiet"]
        return [*ours, "--trials", str(size.trials), "--seed", str(seed), "--storage", url]
    if name == OPTUNA:
        example = ["-m", "benchmarks.search.optuna_example", records, epochs]
        return [*example, str(size.optuna_trials), str(seed), str(file)]
    example = ["-m", "benchmarks.search.keras_tuner_examples", name, records, epochs]
    return [*example, str(seed), str(file)]


def stored(url: str) -> Track:
    """What ours wrote into its database."""
    trials = optuna.load_study(study_name=None, storage=url).get_trials(deepcopy=False)
    complete = [trial for trial in trials if trial.state == optuna.trial.TrialState.COMPLETE]
    return Track(
        first=min(trial.datetime_start.timestamp() for trial in trials if trial.datetime_start),
        reached=[
            (trial.datetime_complete.timestamp(), trial.value)
            for trial in complete
            if trial.datetime_complete and trial.value is not None
        ],
    )
