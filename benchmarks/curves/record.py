"""Record a table: train every point of a study's grid once, to the largest number of epochs.

    OPTISEARCH_DATA=… python -m benchmarks.curves.record studies/mnist.py [--workers 2] [--points N]

What is to be recorded stands in `benchmarks/curves/recordings.py`. The points are trained by the
project's own trainer, in a random order, so that neither a busy hour nor graphs used again favour
a level. Each is kept in a journal as soon as it is trained: the same line again goes on where the
last one ended. When all points are there, the table is written to `benchmarks/curves/tables/`.
"""

import argparse
import multiprocessing
import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from rich.progress import MofNCompleteColumn, Progress

from benchmarks.curves.grid import Grid
from benchmarks.curves.journal import Journal
from benchmarks.curves.recorder import Recorder, epochs_of
from benchmarks.curves.recordings import RECORDINGS
from benchmarks.curves.table import FOLDER, Table
from benchmarks.machine import machine
from optisearch import data as data_sets
from optisearch import manifest
from optisearch.loading import load_study
from optisearch.pool.layout import Layout
from optisearch.space.stored import FactorInfo
from optisearch.study import Study
from optisearch.training import make_trainer

JOURNALS = Path("storage") / "curves"
# TensorFlow doesn't give all memory back: a process that trained so many points is replaced.
POINTS_PER_PROCESS = 500


@lru_cache(maxsize=1)
def _recorder(path: Path) -> Recorder:
    """What all points of a study file need, loaded once in each worker process."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study, recording = load_study(path), RECORDINGS[path.stem]
    data = data_sets.load(study.data, recording.train_samples).for_training()
    grid = Grid.of(study.space, recording.levels)
    return Recorder(study, make_trainer(study, data), grid)


def _record(path: Path, number: int) -> dict[str, Any]:
    return _recorder(path).record(number)


def recorded(path: Path, numbers: list[int], workers: int) -> Iterator[dict[str, Any]]:
    """Train points of a study file's grid in worker processes of one thread each."""
    os.environ |= replace(Layout.of(workers), threads=1).environment()
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, maxtasksperchild=POINTS_PER_PROCESS) as pool:
        yield from pool.imap_unordered(partial(_record, path), numbers)


def assemble(
    study: Study, grid: Grid, points: Mapping[int, Mapping[str, Any]], **how: Any
) -> Table:
    """The table of all points."""
    epochs = epochs_of(study)
    shape = (len(grid.keys), int(epochs.high))
    values, seconds = np.full(shape, np.nan, "float32"), np.full(shape, np.nan, "float32")
    for number, point in points.items():
        ran = len(point["seconds"])
        values[number, :ran] = np.array(point["values"], "float32")  # None becomes NaN
        seconds[number, :ran] = point["seconds"]
    return Table(
        study=study.name,
        metric=study.metric,
        direction=study.direction,
        grid=grid,
        epochs=FactorInfo.from_manifest(epochs.as_dict()),
        values=values,
        seconds=seconds,
        starts=np.array([points[number]["start"] for number in range(shape[0])], "float32"),
        recorded=how,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("study", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--points", type=int, help="train so many more at most, to try it")
    arguments = parser.parse_args()
    recording = RECORDINGS[arguments.study.stem]
    study = load_study(arguments.study)
    split = data_sets.load(study.data, recording.train_samples)
    grid = Grid.of(study.space, recording.levels)
    how = {
        "data": {"name": split.stored_as(split.name), "sizes": split.sizes},
        "versions": manifest.versions(),
        "machine": machine(),
        "workers": arguments.workers,
    }
    journal = Journal(JOURNALS / f"{study.name}.jsonl")
    points = journal.open({"levels": recording.levels, **how})
    numbers = random.Random(0).sample(range(len(grid.keys)), len(grid.keys))
    missing = [number for number in numbers if number not in points][: arguments.points]
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn()) as progress:
        task = progress.add_task(study.name, total=len(missing))
        for point in recorded(arguments.study, missing, arguments.workers):
            journal.append(point)
            points[point["point"]] = point
            progress.advance(task)
    if len(points) < len(numbers):
        print(f"{len(points)} of {len(numbers)} points are in {journal.path}")
        return
    table = assemble(study, grid, points, date=date.today().isoformat(), **how)
    path = FOLDER / f"{study.name}.npz"
    table.save(path)
    print(f"{path}: {len(points)} points, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
