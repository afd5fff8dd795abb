"""The documents' tables, from start to finished table

Four of the tables that the documents print: of D the optimizers on an autoencoder (4 levels), of B
the optimizers (6), learning rates (4) and activations (4) on MNIST. Each by

- **script**: what the reader of the tutorial would write, `benchmarks/scripts/*.py`: a loop over
  the levels and seeds, NumPy arrays into `model.fit`, the mean and the deviation printed;
- **ours**: `python -m optisearch compare … --untuned` into a new SQLite file.

The same models, records, epochs and number of seeds. Whole processes, from start to end: both
import TensorFlow, and ours starts its workers, stores each epoch and prints its table with
intervals. MNIST is cut to 10,000 records to train on, so that the scripts take minutes; validation
is on all 10,000. D with five seeds in three rounds, medians with the least and the greatest; the
others with two seeds in one.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import STUDIES
from benchmarks.markdown import Goal, goals, table
from benchmarks.measuring import Spread, collected, interleaved, ratios
from benchmarks.processes import note, seconds

SEEDS, FEW_SEEDS, RECORDS = 5, 2, 10_000
D = "D: optimizers on the autoencoder"
# Title → the study, its comparison, its script.
DOCUMENTS = {
    D: ("autoencoder", "optimizer", "autoencoder.py"),
    "B1: optimizers on MNIST": ("mnist", "optimizer", "mnist.py"),
    "B2: learning rates on MNIST": ("mnist", "learning_rate", "mnist.py"),
    "B3: activations on MNIST": ("mnist", "activation", "mnist.py"),
}


def run(quick: bool) -> str:
    """Seconds of both and their ratio; quick: of D alone, with two seeds, once."""
    rows, found = [], []
    for title in [D] if quick else DOCUMENTS:
        # The others take minutes each, and theirs are no goals.
        seeds, rounds = (SEEDS, 3) if title == D and not quick else (FEW_SEEDS, 1)
        times = collected(interleaved(_contenders(title, seeds), rounds))
        faster = ratios(times["script"], times["ours"])
        rows.append([title, seeds, *map(Spread.of, (times["script"], times["ours"], faster))])
        if title == D and not quick:
            found.append(Goal(f"{title}, 4 × {SEEDS} seeds: times as fast", 5, faster))
    header = ["", "seeds of each level", "seconds, script", "ours", "times as fast"]
    return "\n\n".join([table(header, rows)] + ([goals(found)] if found else []))


def _contenders(title: str, seeds: int) -> dict[str, Callable[[], float]]:
    study, comparison, script = DOCUMENTS[title]
    records = [] if study == "autoencoder" else [str(RECORDS)]
    named = [] if study == "autoencoder" else [comparison]
    by_hand = [f"benchmarks/scripts/{script}", *named, str(seeds), *records]
    compare = [str(STUDIES / f"{study}.py"), comparison, "--seeds", str(seeds), "--untuned"]
    if records:
        compare += ["--train-samples", *records]
    return {"script": partial(_script, by_hand), "ours": partial(_ours, compare)}


def _script(arguments: list[str]) -> float:
    note(f"python {' '.join(arguments)}")
    return seconds(arguments)


def _ours(arguments: list[str]) -> float:
    note(f"optisearch compare {' '.join(arguments[1:])}")
    with tempfile.TemporaryDirectory() as folder:
        storage = f"sqlite:///{Path(folder) / 'new.db'}"
        return seconds(["-m", "optisearch", "compare", *arguments, "--storage", storage, "--quiet"])
