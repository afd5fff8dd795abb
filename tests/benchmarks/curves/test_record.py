"""Recording: what is kept of a trained point, and what outlives a killed recording."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from benchmarks.curves.grid import Grid
from benchmarks.curves.journal import Journal
from benchmarks.curves.record import assemble
from benchmarks.curves.recorder import Recorder

from optisearch import Study, choice, integer
from optisearch.study import Run
from optisearch.training import make_trainer


@dataclass(frozen=True)
class Space:
    kind: str = choice("good", "diverging", baseline="good")
    epochs: int = integer(2, 4, baseline=2)


def train(hp: Space, _data: None, run: Run) -> None:
    for epoch in range(hp.epochs):
        sum(range(50_000))  # some CPU time
        diverged = hp.kind == "diverging" and epoch == 2
        run.report(epoch, {"loss": math.nan if diverged else float(run.seed + epoch)})


@pytest.fixture
def study() -> Study:
    return Study(name="made", space=Space, train=train, minimize="loss")


@pytest.fixture
def recorder(study: Study) -> Recorder:
    grid = Grid.of(Space, {"kind": ("good", "diverging")})
    return Recorder(study, make_trainer(study, None), grid)


def test_each_point_is_trained_to_the_largest_number_of_epochs(recorder: Recorder) -> None:
    good = recorder.record(0)
    first = good["values"][0]
    assert good["values"] == [first, first + 1, first + 2, first + 3]
    assert len(good["seconds"]) == 4
    assert min(good["seconds"]) > 0
    assert good["start"] >= 0
    assert recorder.record(0)["values"] == good["values"]  # its seed is its own


def test_a_diverged_point_ends_with_a_gap_and_a_time(recorder: Recorder) -> None:
    diverged = recorder.record(1)
    assert [value is None for value in diverged["values"]] == [False, False, True]
    assert len(diverged["seconds"]) == 3
    json.dumps(diverged, allow_nan=False)


def test_the_table_of_all_points(study: Study, recorder: Recorder) -> None:
    points = {number: recorder.record(number) for number in (1, 0)}
    table = assemble(study, recorder.grid, points, date="today")
    assert table.values.shape == (2, 4)
    assert np.isnan(table.values[1]).tolist() == [False, False, True, True]
    assert np.isnan(table.seconds[1]).tolist() == [False, False, False, True]
    assert table.direction == "minimize"
    assert table.lengths(searched=True) == range(2, 5)
    assert table.recorded == {"date": "today"}


def test_a_journal_goes_on_after_half_a_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "folder" / "made.jsonl")
    assert journal.open({"of": (1, 2)}) == {}
    journal.append({"point": 3, "values": [0.5]})
    with journal.path.open("a") as file:
        file.write('{"point": 4, "val')
    assert journal.open({"of": (1, 2)}) == {3: {"point": 3, "values": [0.5]}}
    journal.append({"point": 5, "values": []})
    assert set(journal.open({"of": (1, 2)})) == {3, 5}


def test_a_journal_of_something_else_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "made.jsonl")
    journal.open({"of": 1})
    with pytest.raises(SystemExit, match="recorded otherwise"):
        journal.open({"of": 2})
