"""A study's Keras callbacks do in our loop what they do in `fit`, down to the files they write."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("keras")

import keras
import numpy as np
from keras import callbacks, layers

from .likeness import Trained, Worker, assert_alike, by_fit
from .zoo import PLAIN, Build, Point, compiled, dense, network, of

pytestmark = pytest.mark.keras

POINT = Point(epochs=4, learning_rate=0.3)
# A folder to write to → callbacks.
Made = Callable[[Path], list[Any]]
NETWORK = of(dense, layers.BatchNormalization, lambda: layers.Dropout(0.2))


def averaged(point: Point) -> Any:
    return compiled(network(dense), point, lambda rate: keras.optimizers.Adam(rate, use_ema=True))


def plain(point: Point) -> Any:
    """Its optimizer keeps nothing for a layer, so it doesn't matter when that was set still."""
    return compiled(network(dense), point, keras.optimizers.SGD)


class Freezing(callbacks.Callback):  # type: ignore[misc]
    """Sets a layer still before the first step."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.model.layers[0].trainable = False


class FreezingLate(callbacks.Callback):  # type: ignore[misc]
    """Too late for `fit`, whose step is traced by then."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.layers[0].trainable = epoch == 0


class Stopping(callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = epoch == 1


class Telling(callbacks.Callback):  # type: ignore[misc]
    """Writes down what it is told, and when."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.file = folder / "told"

    def write(self, *words: Any) -> None:
        with self.file.open("a") as file:
            print(*words, file=file)

    def on_train_begin(self, logs: Any = None) -> None:
        self.write("train", self.params["epochs"], self.params["steps"], logs)

    def on_train_end(self, logs: Any = None) -> None:
        self.write("trained", sorted(logs.items()))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.write("epoch", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.write("done", epoch, sorted(logs.items()))

    def on_test_begin(self, logs: Any = None) -> None:
        self.write("evaluation", logs)

    def on_test_end(self, logs: Any = None) -> None:
        self.write("evaluated", sorted(logs.items()))


def telling(folder: Path) -> Any:
    told = folder / "lambda"

    def tell(epoch: int, logs: Any) -> None:
        told.write_text(f"{epoch} {sorted(logs.items())}")

    return callbacks.LambdaCallback(on_epoch_end=tell)


# Name → the model, its callbacks, and whether another trial may use its graphs.
CASES: dict[str, tuple[Build, Made, bool]] = {
    "EarlyStopping": (
        NETWORK,
        lambda _: [callbacks.EarlyStopping("loss", min_delta=9, restore_best_weights=True)],
        True,
    ),
    "ReduceLROnPlateau": (
        NETWORK,
        lambda _: [callbacks.ReduceLROnPlateau("loss", min_delta=9, patience=1)],
        True,
    ),
    "LearningRateScheduler": (
        NETWORK,
        lambda _: [callbacks.LearningRateScheduler(lambda epoch, rate: rate / (epoch + 2))],
        True,
    ),
    "ModelCheckpoint": (
        NETWORK,
        lambda folder: [
            callbacks.ModelCheckpoint(folder / "best.weights.h5", save_weights_only=True),
            callbacks.ModelCheckpoint(folder / "{epoch}.keras", save_best_only=True),
        ],
        True,
    ),
    "CSVLogger": (NETWORK, lambda folder: [callbacks.CSVLogger(folder / "log.csv")], True),
    "LambdaCallback": (NETWORK, lambda folder: [telling(folder)], False),
    "SwapEMAWeights": (averaged, lambda _: [callbacks.SwapEMAWeights()], True),
    "SwapEMAWeights in each epoch": (
        averaged,
        lambda _: [callbacks.SwapEMAWeights(swap_on_epoch=True)],
        True,
    ),
    "BackupAndRestore": (
        NETWORK,
        lambda folder: [callbacks.BackupAndRestore(folder / "backup")],
        True,
    ),
    "several": (
        NETWORK,
        lambda folder: [
            callbacks.ReduceLROnPlateau("loss", min_delta=9, patience=1),
            callbacks.CSVLogger(folder / "log.csv"),
            callbacks.EarlyStopping("val_loss", patience=2, start_from_epoch=1),
        ],
        True,
    ),
    "a layer set still": (plain, lambda _: [Freezing()], False),
    "a layer set still too late": (NETWORK, lambda _: [FreezingLate()], False),
    "stopping": (NETWORK, lambda _: [Stopping()], False),
    "telling": (NETWORK, lambda folder: [Telling(folder)], False),
}


def files(folder: Path) -> dict[str, Any]:
    """What was written: models by their weights, the rest by its bytes."""
    return {path.name: contents(path) for path in sorted(folder.iterdir()) if path.is_file()}


def contents(path: Path) -> Any:
    if path.suffix == ".keras":
        return [array.tobytes() for array in keras.models.load_model(path).get_weights()]
    if path.suffix == ".h5":
        model = NETWORK(POINT)
        model.load_weights(path)
        return [array.tobytes() for array in model.get_weights()]
    return path.read_bytes()


@pytest.mark.parametrize(("build", "made", "again"), CASES.values(), ids=CASES)
def test_they_do_what_they_do_in_fit(tmp_path: Path, build: Build, made: Made, again: bool) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    worker = Worker(PLAIN)
    if again:  # what an earlier trial's did to the model is gone
        earlier = tmp_path / "earlier"
        earlier.mkdir()
        assert worker.train(build, POINT, 1, lambda: made(earlier)).by == "graphs"
    trained = worker.train(build, POINT, 2, lambda: made(ours))
    assert trained.by == ("graphs used again" if again else "graphs")
    assert_alike(trained, by_fit(build, PLAIN, POINT, 2, lambda: made(theirs)))
    assert files(ours) == files(theirs)


class Breaking(callbacks.History):  # type: ignore[misc]
    """The machine breaks down after the second epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            raise KeyboardInterrupt


def resumed(folder: Path, train: Callable[..., Trained]) -> Trained:
    def backing_up() -> list[Any]:
        return [callbacks.BackupAndRestore(folder, delete_checkpoint=False)]

    with pytest.raises(KeyboardInterrupt):
        train(lambda: [*backing_up(), Breaking()])
    return train(backing_up)


def test_a_backup_is_restored(tmp_path: Path) -> None:
    """And the trial after that begins at its beginning."""
    worker = Worker(PLAIN)
    ours = resumed(
        tmp_path / "ours", lambda made: worker.train(NETWORK, POINT, seed=2, callbacks=made)
    )
    assert len(ours.history["loss"]) < POINT.epochs
    theirs = resumed(
        tmp_path / "theirs", lambda made: by_fit(NETWORK, PLAIN, POINT, seed=2, callbacks=made)
    )
    assert_alike(ours, theirs)
    after = worker.train(NETWORK, POINT, seed=3)
    assert len(after.history["loss"]) == POINT.epochs
    assert_alike(after, by_fit(NETWORK, PLAIN, POINT, seed=3))


def test_callbacks_of_a_study_get_the_point() -> None:
    worker, points = Worker(PLAIN), []
    worker.train(NETWORK, POINT)
    worker.study.callbacks = lambda point: points.append(point) or ()
    run: Any = type("Run", (), {"seed": 1, "callbacks": []})
    worker.trainer._build = NETWORK
    worker.trainer.train(POINT, run)
    assert points == [POINT]


def test_tensorboard_falls_back(tmp_path: Path, capsys: Any) -> None:
    pytest.importorskip("tensorboard")
    made = lambda: [callbacks.TensorBoard(tmp_path, write_graph=False)]  # noqa: E731
    trained = Worker(PLAIN).train(NETWORK, POINT, callbacks=made)
    assert trained.by == "fit"
    assert "the callback TensorBoard acts after each batch" in capsys.readouterr().err
    assert np.isfinite(trained.history["loss"]).all()
