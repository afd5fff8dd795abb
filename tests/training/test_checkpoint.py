"""A training that was cut off goes on, in another process, as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("keras")

import keras
import numpy as np
from keras import layers

from optisearch.errors import TrainingError
from optisearch.training import private
from optisearch.training.checkpoint import Checkpoint, SaveCheckpoints
from optisearch.training.twins import variables

from .likeness import Trained, Worker, bits
from .zoo import CLASSES, PLAIN, Point, compiled, dense, network, of, policy

pytestmark = pytest.mark.keras

BUILD = of(dense, layers.BatchNormalization, lambda: layers.Dropout(0.4))
POINT = Point(epochs=5)

# Trains in a process of its own; after so many epochs it is killed, and nothing is cleaned up.
SCRIPT = """
import json, os, signal, sys
from pathlib import Path
import keras
from tests.training import test_checkpoint as test
from optisearch.training.callbacks import ReportEpochs

class Run:
    def within(self, *_):
        pass

    def report(self, epoch, logs):
        print(json.dumps([epoch, logs]), flush=True)
        if epoch + 1 == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

saving = test.SaveCheckpoints(Path(sys.argv[1]))
trained = test.Worker(test.PLAIN).train(
    test.BUILD, test.POINT, callbacks=lambda: [saving, ReportEpochs(Run())]
)
print(json.dumps([trained.by, {name: value[2].hex() for name, value in trained.values.items()}]))
"""


def in_a_process(path: Path, killed_after: int = 0) -> tuple[int, list[Any]]:
    """Its exit status, and the lines that it said."""
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    child = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path), str(killed_after)],
        env=os.environ | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        check=False,
    )
    return child.returncode, [json.loads(line) for line in child.stdout.splitlines()]


def row(trained: Trained, epoch: int) -> dict[str, float]:
    return {name: values[epoch] for name, values in trained.history.items()}


@pytest.mark.processes
def test_a_killed_training_goes_on_bit_by_bit(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    status, before = in_a_process(path, killed_after=3)
    assert status == -signal.SIGKILL
    assert Checkpoint.load(path).epochs == 3
    status, (*after, (by, values)) = in_a_process(path)
    assert (status, by) == (0, "graphs")
    undisturbed = Worker(PLAIN).train(BUILD, POINT)
    assert [*before, *after] == [[epoch, row(undisturbed, epoch)] for epoch in range(5)]
    assert values == {name: value[2].hex() for name, value in undisturbed.values.items()}


def test_graphs_used_again_go_on_from_it_too(tmp_path: Path) -> None:
    """And the trial after that begins at its beginning."""
    path, worker = tmp_path / "checkpoint", Worker(PLAIN)
    worker.train(BUILD, replace(POINT, epochs=2), callbacks=lambda: [SaveCheckpoints(path)])
    resumed = worker.train(BUILD, POINT, callbacks=lambda: [SaveCheckpoints(path)])
    next_one = worker.train(BUILD, POINT)
    assert resumed.by == next_one.by == "graphs used again"
    assert resumed.values == next_one.values
    assert [row(resumed, epoch) for epoch in range(3)] == [
        row(next_one, epoch) for epoch in (2, 3, 4)
    ]


def test_so_does_fit(tmp_path: Path, monkeypatch: Any) -> None:
    from optisearch.training import fitter

    path = tmp_path / "checkpoint"
    saving = lambda: [SaveCheckpoints(path)]  # noqa: E731
    Worker(PLAIN).train(BUILD, replace(POINT, epochs=2), callbacks=saving)
    undisturbed = Worker(PLAIN).train(BUILD, POINT)
    monkeypatch.setattr(fitter, "why_fit", lambda *_: "told to")
    resumed = Worker(PLAIN).train(BUILD, POINT, callbacks=saving)
    assert resumed.by == "fit"
    assert resumed.values == undisturbed.values


def test_they_are_saved_now_and_then(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    Worker(PLAIN).train(BUILD, POINT, callbacks=lambda: [SaveCheckpoints(path, 3600)])
    assert not path.exists()


def a_model(name: str = "float32", units: int = CLASSES) -> Any:
    with policy(name):
        model = compiled(keras.Sequential([layers.Input((8,)), layers.Dense(units)]), Point())
        private.build_optimizer(model)
        return model


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16", "mixed_bfloat16"])
def test_what_is_loaded_is_what_was_saved(tmp_path: Path, name: str) -> None:
    saved, other = a_model(name), a_model(name)
    path = tmp_path / "checkpoint"
    Checkpoint.of(saved, 7).save(path)
    loaded = Checkpoint.load(path)
    assert loaded.epochs == 7
    differing = [bits(each) for each in variables(other)]
    private.reset_uids()
    Checkpoint(7, loaded.values, Checkpoint.of(other, 7).names).restore(other)
    assert [bits(each) for each in variables(other)] == [bits(each) for each in variables(saved)]
    assert differing != [bits(each) for each in variables(saved)]


def test_the_checkpoint_of_another_model_is_refused() -> None:
    private.reset_uids()
    one = a_model()
    private.reset_uids()
    other = a_model(units=4)
    before = [bits(each) for each in variables(other)]
    with pytest.raises(TrainingError, match="the checkpoint is of another model"):
        Checkpoint.of(one, 1).restore(other)
    assert [bits(each) for each in variables(other)] == before


@pytest.mark.parametrize("damage", ["empty", "cut", "other", "changed"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "checkpoint"
    Checkpoint.of(a_model(), 1).save(path)
    whole = path.read_bytes()
    if damage == "other":
        with path.open("wb") as file:
            np.savez(file, head=np.frombuffer(b'{"format": "x", "names": []}', np.uint8))
    else:
        middle = len(whole) // 2
        changed = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
        path.write_bytes({"empty": b"", "cut": whole[:middle], "changed": changed}[damage])
    with pytest.raises(TrainingError, match="no checkpoint, or damaged") as caught:
        Checkpoint.load(path)
    assert caught.value.where == str(path)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: Any) -> None:
    path, model = tmp_path / "checkpoint", a_model()
    Checkpoint.of(model, 1).save(path)
    Checkpoint.of(model, 2).save(path)
    assert Checkpoint.load(path).epochs == 2

    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        Checkpoint.of(model, 3).save(path)
    assert Checkpoint.load(path).epochs == 2


def test_every_random_state_is_in_it() -> None:
    model = compiled(network(lambda: layers.Dropout(0.2)), Point())
    private.build_optimizer(model)
    assert any("seed" in name for name in Checkpoint.of(model, 1).names)
