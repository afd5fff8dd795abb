"""How much memory does one training step take, by the size of its batch?

    python -m benchmarks.batch_memory [--batches 1 64 1000 10000] [--repeats 3] [--json FILE]

The model of `studies/mnist_convolutional.py`, one step of SGD on random images, each in a process
of its own. Prints a Markdown table of medians in MiB: what the process held before the batch was
made, its peak, and what the step added. `--json` keeps all of it, in bytes, for
`python -m docs.findings --batch-memory FILE`.
"""

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil

STUDY = Path(__file__).parents[1] / "studies" / "mnist_convolutional.py"
# Linux counts the peak in KiB, macOS in bytes.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def one_step(batch: int) -> dict[str, int]:
    """Train one step in this process: its bytes at rest and at most."""
    import keras
    import numpy as np

    model = load(STUDY).build()
    model.compile(keras.optimizers.SGD(), "categorical_crossentropy")
    # What is set up once isn't the batch's. After two sizes Keras's graph takes any.
    for size in (2, 3):
        step(model, np.random.default_rng(0), size)
    before = psutil.Process().memory_info().rss
    step(model, np.random.default_rng(1), batch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT
    return {"batch": batch, "before": before, "peak": peak}


def step(model: Any, rng: Any, batch: int) -> None:
    """One step on random images and labels."""
    import keras

    images = rng.random((batch, 28, 28, 1), "float32")
    labels = keras.utils.to_categorical(rng.integers(10, size=batch), 10)
    model.train_on_batch(images, labels)


def load(path: Path) -> ModuleType:
    """A study file as a module, for its `build`."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def measure(batch: int) -> dict[str, int]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.batch_memory", "--one", str(batch)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 64, 1000, 10_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(one_step(arguments.one)))
        return
    found = [measure(batch) for _ in range(arguments.repeats) for batch in arguments.batches]
    print("| batch | at rest | peak | added |")
    print("| ---: | ---: | ---: | ---: |")
    for batch in arguments.batches:
        runs = [run for run in found if run["batch"] == batch]
        rest = statistics.median(run["before"] for run in runs) / 2**20
        peak = statistics.median(run["peak"] for run in runs) / 2**20
        added = statistics.median(run["peak"] - run["before"] for run in runs) / 2**20
        print(f"| {batch:,} | {rest:,.0f} | {peak:,.0f} | {added:,.0f} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
