"""What a checkpoint holds is what it was made of, bit by bit, or it is refused."""

import io
from typing import Any

import pytest

pytest.importorskip("keras")

import keras
import numpy as np
from keras import callbacks, layers

from optisearch.errors import TrainingError
from optisearch.training import private
from optisearch.training.checkpoint import Checkpoint
from optisearch.training.twins import variables

from .likeness import bits
from .zoo import CLASSES, Point, compiled, network, policy

pytestmark = pytest.mark.keras

ROWS = [{"epoch": epoch, "seconds": 0.1, "loss": 1 / (epoch + 3)} for epoch in range(7)]


def a_model(name: str = "float32", units: int = CLASSES) -> Any:
    private.reset_uids()
    with policy(name):
        model = compiled(keras.Sequential([layers.Input((8,)), layers.Dense(units)]), Point())
        private.build_optimizer(model)
        return model


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16", "mixed_bfloat16"])
def test_what_is_read_is_what_was_written(name: str) -> None:
    saved, other = a_model(name), a_model(name)
    read = Checkpoint.from_bytes(Checkpoint.of(saved, ROWS).to_bytes())
    assert (read.epochs, list(read.rows)) == (7, ROWS)
    before = [bits(each) for each in variables(other)]
    read.restore(other)
    assert [bits(each) for each in variables(other)] == [bits(each) for each in variables(saved)]
    assert before != [bits(each) for each in variables(saved)]


def test_callbacks_remember_what_those_before_did() -> None:
    def made() -> list[Any]:
        return [callbacks.EarlyStopping("loss"), callbacks.ReduceLROnPlateau("loss")]

    model, (stopping, reducing) = a_model(), made()
    stopping.wait, stopping.best, stopping.best_epoch, stopping.stopped_epoch = 2, 0.1 + 0.2, 4, 0
    stopping.best_weights = [np.arange(3, dtype=np.float32), np.float64(7) * np.ones(())]
    reducing.wait, reducing.cooldown_counter, reducing.best = 1, 3, None
    saved = Checkpoint.of(model, ROWS, [stopping, reducing])
    read = Checkpoint.from_bytes(saved.to_bytes())
    later = made()
    read.restore(model, later)
    for name in ("wait", "best", "best_epoch", "stopped_epoch"):
        assert getattr(later[0], name) == getattr(stopping, name)
    for one, other in zip(later[0].best_weights, stopping.best_weights, strict=True):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    assert (later[1].wait, later[1].cooldown_counter, later[1].best) == (1, 3, None)


def test_the_checkpoint_of_another_model_is_refused() -> None:
    one, other = a_model(), a_model(units=4)
    before = [bits(each) for each in variables(other)]
    with pytest.raises(TrainingError, match="its checkpoint is of another model; they differ in"):
        Checkpoint.of(one, ROWS).restore(other)
    assert [bits(each) for each in variables(other)] == before


def test_the_checkpoint_of_other_callbacks_is_refused() -> None:
    one, other = a_model(), a_model()
    before = [bits(each) for each in variables(other)]
    with pytest.raises(TrainingError, match="its checkpoint is of a training with other callbacks"):
        Checkpoint.of(one, ROWS).restore(other, [callbacks.History()])
    assert [bits(each) for each in variables(other)] == before


@pytest.mark.parametrize("damage", ["empty", "cut", "other", "pickled", "changed"])
def test_what_is_damaged_or_foreign_is_refused(damage: str) -> None:
    whole = Checkpoint.of(a_model(), ROWS).to_bytes()
    middle = len(whole) // 2
    foreign, pickled = io.BytesIO(), io.BytesIO()
    np.savez(foreign, head=np.frombuffer(b'{"format": "x", "names": []}', np.uint8))
    np.savez(pickled, head=np.array([{"format": "x"}], object))
    damaged = {
        "empty": b"",
        "cut": whole[:middle],
        "other": foreign.getvalue(),
        "pickled": pickled.getvalue(),
        "changed": whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :],
    }
    with pytest.raises(TrainingError, match="its checkpoint is damaged, or none"):
        Checkpoint.from_bytes(damaged[damage])


def test_every_random_state_is_in_it() -> None:
    model = compiled(network(lambda: layers.Dropout(0.2)), Point())
    private.build_optimizer(model)
    assert any("seed" in name for name in Checkpoint.of(model, ROWS).names)
