"""Telling at scale: what commands, the live screen and handing out a trial cost

A search of `tests/studies/parabola.py` (four factors, TPE, median pruner) on SQLite, with as many
stored trials as the columns say, each with 5 to 15 epochs.

Commands are whole processes, beside a bare script of Optuna's that loads the study and reads its
trials, nothing else. A look is what the screen of `optisearch run` does twice a second: the first
one reads all that is stored. A trial is taken, trained (its one to four epochs take no time), and
told, with everything that is stored of it; beside it stands the same loop in plain Optuna, with the
same sampler and pruner, which stores the parameters and the epochs' values only.
"""

import math
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import optuna
from optuna.trial import create_trial

from benchmarks.markdown import table
from benchmarks.measuring import Spread, collected, digits, interleaved, ratios
from benchmarks.processes import apart, note, seconds
from benchmarks.stored_trials import STUDY, copied, fill
from optisearch.address import parse
from optisearch.attempt import attempt
from optisearch.events import silence
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.loading import load_study
from optisearch.manifest import describe
from optisearch.pruners import make_pruner
from optisearch.reading import StageReader
from optisearch.samplers import make_sampler
from optisearch.settings import Wishes
from optisearch.stage import existing_stage
from optisearch.storage import open_database
from optisearch.training import make_trainer

SIZES = (0, 1_000, 10_000)
BARE = """
import sys, optuna
study = optuna.load_study(study_name=sys.argv[2], storage=sys.argv[1])
print(len(study.get_trials()))
"""
BARE_NAME = "bare script"
ALONE = "Optuna's `get_trials` alone, one trial more"
TRIAL_ROWS = (
    "read what is stored",
    "read what is stored, plain Optuna",
    "`take`",
    "`ask`, plain Optuna",
    "train and tell",
    "train and tell, plain Optuna",
)
SHAPES = ("flat", "steep")
# Trials that are added, one after the other, to what is stored.
ADDED = 20

Times = dict[str, list[float]]


def run(quick: bool) -> str:
    """All tables.

    Args:
        quick: Without the 10,000 trials, and fewer repeats: under a minute.
    """
    sizes, rounds = (SIZES[:2], 2) if quick else (SIZES, 5)
    with tempfile.TemporaryDirectory() as folder:
        commands, looks, trials = {}, {}, {}
        for size in sizes:
            note(f"telling: {size:,} trials")
            file = Path(folder) / f"{size}.db"
            name = fill(file, size)
            commands[size] = _commands(file, name, rounds)
            looks[size] = _gathered(_looks, file, name, rounds)
            trials[size] = _gathered(_trials, file, name, 1)
    return "\n\n".join(
        [
            f"Whole processes in seconds, medians of {rounds}, and × the bare script's time:",
            _processes(commands),
            f"Looks of the live screen, medians of {ADDED}, the first one of {rounds}:",
            _medians(looks),
            f"A trial of a worker, medians of {ADDED}; reading what is stored comes once:",
            _medians(trials),
        ]
    )


def _commands(file: Path, name: str, rounds: int) -> Times:
    url = f"sqlite:///{file}"
    ours = ("-m", "optisearch")
    page = str(file.with_suffix(".html"))
    commands: dict[str, Sequence[str]] = {
        BARE_NAME: ("-c", BARE, url, name),
        "`status`": (*ours, "status", "--storage", url),
        "`status NAME`": (*ours, "status", name, "--storage", url),
        "`report NAME`": (*ours, "report", name, "--storage", url),
        "`report --format html`": (
            *(*ours, "report", name, "--storage", url),
            *("--format", "html", "--output", page),
        ),
        "`report --format json`": (
            *(*ours, "report", name, "--storage", url),
            *("--format", "json", "--output", page),
        ),
        "`--help`": (*ours, "--help"),
    }

    def timed(arguments: Sequence[str]) -> Callable[[], float]:
        return lambda: seconds(arguments)

    contenders = {label: timed(arguments) for label, arguments in commands.items()}
    times = collected(interleaved(contenders, rounds))
    return {label: times[label] for label in commands}


def _gathered(measure: Callable[[str, str], Times], file: Path, name: str, rounds: int) -> Times:
    """What a function measures on a copy of a database, in a process of its own each time."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            copy = copied(file, Path(folder) / f"{number}.db")
            for label, times in apart(measure, str(copy), name).items():
                found[label] += times
    return found


@contextmanager
def _timed(times: list[float]) -> Iterator[None]:
    """Adds how many milliseconds something took."""
    began = time.perf_counter()
    yield
    times.append(1000 * (time.perf_counter() - began))


def _looks(file: str, name: str) -> Times:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    url = f"sqlite:///{file}"
    labels = ("first look", "look, nothing new", "look, one trial more", ALONE)
    times: Times = {label: [] for label in labels}
    database = open_database(parse(url), create=False)
    with _timed(times["first look"]):
        reader = StageReader(existing_stage(database, name).study)
        reader.look()
    beside = existing_stage(open_database(parse(url), create=False), name).study
    stored = beside.get_trials(deepcopy=False)
    more = stored[-1] if stored else create_trial(value=0.5)
    another = optuna.load_study(study_name=name, storage=url)
    for _ in range(ADDED):
        with _timed(times["look, nothing new"]):
            reader.look()
        another.add_trial(more)
        with _timed(times["look, one trial more"]):
            reader.look()
        with _timed(times[ALONE]):
            beside.get_trials(deepcopy=False)
    return times


def _trials(file: str, name: str) -> Times:
    """Ours and plain Optuna's in turn, each on a copy of its own."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = load_study(STUDY)
    url = f"sqlite:///{copied(Path(file), Path(f'{file}.plain'))}"
    times: Times = {label: [] for label in TRIAL_ROWS}
    database = open_database(parse(f"sqlite:///{file}"), create=False)
    stage = open_stage(database, describe(study, None), Wishes(), max_epochs=4)
    plain = optuna.load_study(
        study_name=name,
        storage=url,
        sampler=make_sampler("tpe", 0, 0),
        pruner=make_pruner("median", 4),
    )
    with _timed(times["read what is stored"]):
        stage.trials()
    with _timed(times["read what is stored, plain Optuna"]):
        plain.get_trials(deepcopy=False)
    owner, trainer = Owner.current(), make_trainer(study, None)
    for number in range(ADDED + 1):  # the first one also fills caches, of ours and of Optuna's
        took: Times = {label: [] for label in TRIAL_ROWS}
        with _timed(took["`take`"]):
            trial = stage.take(owner)
        assert isinstance(trial, optuna.Trial)
        with _timed(took["train and tell"]):
            attempt(
                trial,
                study,
                trainer,
                database=stage.database,
                stopping=lambda: False,
                listener=silence,
            )
        with _timed(took["`ask`, plain Optuna"]):
            trial = plain.ask()
        with _timed(took["train and tell, plain Optuna"]):
            _train(plain, trial)
        for label, values in took.items():
            times[label] += values if number else []
    return times


def _train(study: optuna.Study, trial: optuna.Trial) -> None:
    """What `tests/studies/parabola.py` does, and no more."""
    x, shape = trial.suggest_float("x", -10, 10), trial.suggest_categorical("shape", SHAPES)
    slope = trial.suggest_float("slope", 1, 100, log=True) if shape == "steep" else 1.0
    height = -math.inf
    for epoch in range(trial.suggest_int("epochs", 1, 4)):
        height = 1.0 - (x - 2.0) ** 2 * slope - 1.0 / (epoch + 1)
        trial.report(height, epoch)
        if trial.should_prune():
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            return
    study.tell(trial, height)


def _processes(found: Mapping[int, Times]) -> str:
    """A row for each command: its time, and how many times the bare script's that is."""
    header = ["command", *(cell for size in found for cell in (f"{size:,} trials", "×"))]
    rows = []
    for label in next(iter(found.values())):
        row = [label]
        for times in found.values():
            over = Spread.of(ratios(times[label], times[BARE_NAME])).median
            row += [str(Spread.of(times[label])), digits(over)]
        rows.append(row)
    return table(header, rows)


def _medians(found: Mapping[int, Times]) -> str:
    labels = next(iter(found.values()))
    header = ["milliseconds", *(f"{size:,} trials" for size in found)]
    return table(
        header, [[label, *(Spread.of(found[size][label]) for size in found)] for label in labels]
    )


if __name__ == "__main__":
    print(run(quick="--quick" in sys.argv))
