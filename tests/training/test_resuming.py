"""A trial that was cut off goes on with the numbers of one that wasn't; or begins anew, and says so."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("keras")

import keras
from keras import callbacks, layers

from optisearch.training import arrays, fitter, private
from optisearch.training.checkpoint import Checkpoint

from .cutting import Trials, rows
from .likeness import Worker, assert_alike
from .zoo import (
    KINDS,
    PLAIN,
    Build,
    Kind,
    Noisy,
    Own,
    Point,
    Scattered,
    Shaken,
    compiled,
    dense,
    network,
    of,
)

pytestmark = pytest.mark.keras

BUILD = of(dense, layers.BatchNormalization, lambda: layers.Dropout(0.4))
POINT = Point(epochs=5, learning_rate=0.1)
# Those whose state no checkpoint holds, and what is said of it.
ANEW = {
    "second optimizer": "the model holds what can't be described",
    "loss with a variable": "the model holds what can't be described",
    "fitted in `build`": "the model holds what can't be described",
    "Keras's global generator": "random numbers come from Keras's global generator",
    "drawn by NumPy while traced": "it draws random numbers of Python's or NumPy's",
    "drawn by TensorFlow in the graph": "its random numbers depend on the graph",
}


@pytest.fixture
def trials(tmp_path: Path) -> Callable[..., Trials]:
    def made(
        build: Build = BUILD, data: Any = PLAIN, point: Point = POINT, callbacks: Any = tuple
    ) -> Trials:
        return Trials(tmp_path / "store", build, data, point, callbacks)

    return made


def assert_goes_on(trials: Trials, after: int, by: str = "graphs") -> None:
    """It was cut off after so many epochs, and nothing shows it but that fewer were trained."""
    worker = Worker(trials.data)
    undisturbed = trials.undisturbed(worker)
    cut = trials.cut_off(after, worker)
    taken_up, run = trials.taken_up()
    epochs = trials.point.initial_epoch + after
    assert trials.said == [f"checkpoints: trial 1 goes on after epoch {epochs}"]
    assert (undisturbed.by, taken_up.by) == (by, by)
    assert run.history[:after] == cut.history
    assert_alike(taken_up, undisturbed)
    values = trials.study.trials[-1].intermediate_values
    assert values == dict(enumerate(undisturbed.history["loss"], trials.point.initial_epoch))


@pytest.mark.parametrize("name", KINDS)
def test_whatever_the_model(trials: Callable[..., Trials], name: str) -> None:
    kind: Kind = KINDS[name]
    point = Point(**kind.options)
    made = trials(kind.build, kind.data, replace(point, epochs=max(3, point.epochs)))
    if name not in ANEW:
        assert_goes_on(made, 1, "fit" if kind.by_fit else "graphs")
        return
    worker = Worker(kind.data)
    undisturbed = made.undisturbed(worker)
    made.cut_off(1, worker)
    taken_up, run = made.taken_up()
    assert_alike(taken_up, undisturbed)
    assert made.said[0].startswith("checkpoints: trials that are cut off begin anew: ")
    assert ANEW[name] in made.said[0]
    assert not made.files
    assert len(run.history) == made.point.epochs


def test_graphs_used_again_go_on_too(trials: Callable[..., Trials]) -> None:
    """And the trial after that begins at its beginning."""
    made, worker = trials(), Worker(PLAIN)
    undisturbed = made.undisturbed()
    made.cut_off(2, worker)
    taken_up, _ = made.taken_up(worker)
    next_one, run = made.by(worker, None)
    assert taken_up.by == next_one.by == "graphs used again"
    assert_alike(taken_up, undisturbed)
    assert_alike(next_one, undisturbed)
    assert len(run.history) == POINT.epochs


@pytest.mark.parametrize("room", [True, False], ids=["from tensors", "from arrays"])
def test_so_does_fit(trials: Callable[..., Trials], monkeypatch: Any, room: bool) -> None:
    monkeypatch.setattr(fitter, "why_fit", lambda *_: "told to")
    monkeypatch.setattr(arrays.Tensors, "have_room_for", lambda *_: room)
    assert_goes_on(trials(), 3, "fit")


def test_several_times(trials: Callable[..., Trials]) -> None:
    made = trials()
    undisturbed = made.undisturbed()
    made.cut_off(1)
    for after in (3, 4):
        made.cut_off(after)
    taken_up, run = made.taken_up()
    assert_alike(taken_up, undisturbed)
    assert len(run.history) == POINT.epochs
    assert [len(trial.intermediate_values) for trial in made.study.trials] == [1, 3, 4, 5]
    assert run.seconds_before == sum(row["seconds"] for row in run.history[:4])


def plateau() -> list[Any]:
    return [
        callbacks.ReduceLROnPlateau("loss", min_delta=0.01, patience=1, cooldown=1),
        callbacks.EarlyStopping("val_loss", min_delta=9, patience=4, restore_best_weights=True),
        callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9 if epoch == 3 else rate),
    ]


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_callbacks_remember(trials: Callable[..., Trials], after: int) -> None:
    """They reduce the rate, stop the training before its end and restore the best weights."""
    made = trials(point=replace(POINT, epochs=9), callbacks=plateau)
    undisturbed = made.undisturbed()
    assert len(undisturbed.history["loss"]) == 5
    assert len(set(undisturbed.history["learning_rate"])) > 1
    assert_goes_on(made, after)


def test_a_callback_that_has_fit_called_goes_on(trials: Callable[..., Trials]) -> None:
    assert_goes_on(trials(callbacks=lambda: [callbacks.TerminateOnNaN()]), 2, "fit")


class Counting(callbacks.Callback):  # type: ignore[misc]
    """Remembers what nobody else knows."""


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (Counting, "Counting"),
        (lambda: callbacks.LambdaCallback(on_epoch_end=print), "LambdaCallback"),
        (lambda: callbacks.ModelCheckpoint("x.keras", save_freq=10**6), "ModelCheckpoint"),
    ],
)
def test_a_callback_that_nobody_knows_begins_anew(
    trials: Callable[..., Trials], made: Any, name: str
) -> None:
    attempts = trials(callbacks=lambda: [made()])
    undisturbed = attempts.undisturbed()
    attempts.cut_off(2)
    assert not attempts.files
    taken_up, _ = attempts.taken_up()
    assert_alike(taken_up, undisturbed)
    assert attempts.said[0] == (
        "checkpoints: trials that are cut off begin anew: nobody knows what the callback "
        f"{name} remembers"
    )


class Foreign(layers.Layer):  # type: ignore[misc]
    """Calls a function of Python's."""

    def call(self, x: Any) -> Any:
        import tensorflow as tf

        return tf.ensure_shape(tf.numpy_function(lambda array: array, [x], x.dtype), x.shape)


@pytest.mark.parametrize("by", ["graphs", "fit"])
@pytest.mark.parametrize(
    ("build", "why"),
    [
        (of(Foreign), "it calls Python functions, which may hold anything"),
        (of(Noisy), ANEW["Keras's global generator"]),
        (of(Shaken), ANEW["drawn by TensorFlow in the graph"]),
        (of(Scattered), ANEW["drawn by NumPy while traced"]),
    ],
    ids=["Python's functions", "Keras's generator", "TensorFlow's numbers", "NumPy's numbers"],
)
def test_a_step_that_depends_on_more_begins_anew(
    trials: Callable[..., Trials], build: Build, why: str, by: str
) -> None:
    """And looking for it changes nothing."""
    made = trials(build, callbacks=lambda: [callbacks.TerminateOnNaN()] if by == "fit" else [])
    undisturbed = made.undisturbed()
    assert undisturbed.by == "fit" or by == "graphs"
    made.cut_off(2)
    assert not made.files
    taken_up, _ = made.taken_up()
    assert_alike(taken_up, undisturbed)
    assert made.said[0].startswith(f"checkpoints: trials that are cut off begin anew: {why}")


def test_a_model_that_fit_builds_begins_anew(trials: Callable[..., Trials]) -> None:
    made = trials(
        lambda point: compiled(Own(), point), callbacks=lambda: [callbacks.TerminateOnNaN()]
    )
    made.cut_off(2)
    assert not made.files
    assert "the model is built while it is trained" in made.said[0]


def in_batches() -> Any:
    import tensorflow as tf

    from .zoo import split

    (x, y), held_out = PLAIN.train, PLAIN.validation
    shuffled = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(30, seed=3).batch(10)
    return split(shuffled, tf.data.Dataset.from_tensor_slices(held_out).batch(6))


def test_data_with_an_order_of_its_own_begins_anew(trials: Callable[..., Trials]) -> None:
    made = trials(data=in_batches(), point=replace(POINT, batch_size=None))
    made.cut_off(2)
    assert not made.files
    assert "batches of its own, the next time perhaps in another order" in made.said[0]


def test_a_training_that_its_callbacks_ended_leaves_none(trials: Callable[..., Trials]) -> None:
    stopping = lambda: [callbacks.EarlyStopping("loss", patience=0, min_delta=9)]  # noqa: E731
    made = trials(callbacks=stopping)
    _, run = made.taken_up()
    assert len(run.history) == 2
    assert run.kept is not None
    (file,) = made.files
    assert Checkpoint.from_bytes(file.read_bytes()).epochs == 1


@pytest.mark.parametrize("damage", [b"", b"PK"])
def test_from_a_damaged_checkpoint_a_trial_begins_anew(
    trials: Callable[..., Trials], damage: bytes
) -> None:
    made = trials()
    undisturbed = made.undisturbed()
    made.cut_off(2)
    (file,) = made.files
    file.write_bytes(damage)
    taken_up, _ = made.taken_up()
    assert_alike(taken_up, undisturbed)
    (line,) = made.said
    assert line.startswith("checkpoints: trial 1 begins anew: its checkpoint is damaged, or none")
    assert len(made.files) == 1  # the damaged one is replaced


def test_so_it_does_from_that_of_another_model(trials: Callable[..., Trials]) -> None:
    made = trials()
    made.cut_off(2)
    made.build = of(dense)
    taken_up, _ = made.taken_up()
    assert_alike(taken_up, made.undisturbed())
    assert "begins anew: its checkpoint is of another model" in made.said[0]


def test_what_a_later_checkpoint_can_not_hold_is_said(
    trials: Callable[..., Trials], monkeypatch: Any
) -> None:
    """Never does a checkpoint fail a trial."""

    def fail(*_: Any) -> None:
        raise MemoryError("too large")

    monkeypatch.setattr(Checkpoint, "of", fail)
    made = trials()
    _, run = made.taken_up()
    assert len(run.history) == POINT.epochs
    assert made.said == ["checkpoints: trials that are cut off begin anew: MemoryError: too large"]


def test_run_fit_goes_on_and_what_follows_it_is_done_again(trials: Callable[..., Trials]) -> None:
    """Two trainings in one trial: the first is taken up where it was, the second begins anew."""
    made = trials()
    seen: list[Any] = []

    def train(run: Any) -> Any:
        keras.utils.set_random_seed(run.seed)
        private.reset_uids()
        model = BUILD(POINT)
        first = run.fit(model, *(PLAIN.train, PLAIN.validation), epochs=3, batch_size=10)
        second = run.fit(
            model, *(PLAIN.train, PLAIN.validation), initial_epoch=3, epochs=5, batch_size=10
        )
        seen.append((first.history, first.epoch, second.history, second.epoch))
        return [bits.tobytes() for bits in model.get_weights()]

    undisturbed = made.own(train)[0]
    for after in (2, 4):
        assert made.own(train, made.trial(), drained=after)[0] is None
    weights, run = made.own(train, made.trial())
    assert weights == undisturbed
    assert seen[0] == seen[1]
    assert seen[0][1] == [0, 1, 2]
    assert [row["epoch"] for row in run.history] == [0, 1, 2, 3, 4]


def test_a_diverged_epoch_is_in_no_checkpoint(trials: Callable[..., Trials]) -> None:
    made = trials(lambda point: compiled(network(), point, loss=lambda y, p: p * math.inf))
    trained, run = made.by(Worker(PLAIN), made.trial())
    assert (trained, run.reason) == (None, "diverged")
    assert not made.files


def test_a_history_has_all_epochs(trials: Callable[..., Trials]) -> None:
    made = trials()
    cut = made.cut_off(3)
    _, run = made.taken_up()
    assert rows(run)[:3] == rows(cut)
    assert [row["epoch"] for row in run.history] == list(range(5))
    assert all(row["seconds"] > 0 for row in run.history)


def test_callbacks_are_those_of_keras() -> None:
    """`memories` names their attributes, which aren't documented."""
    stopping, reducing = callbacks.EarlyStopping(), callbacks.ReduceLROnPlateau()
    for each in (stopping, reducing):
        each.on_train_begin()
    known = {"params", "_model", "monitor", "mode", "monitor_op", "min_delta", "patience"}
    known |= {"verbose", "baseline", "restore_best_weights", "start_from_epoch"}
    known |= {"factor", "min_lr", "cooldown"}
    assert set(vars(stopping)) - known == {
        *("wait", "stopped_epoch", "best", "best_epoch", "best_weights"),
    }
    assert set(vars(reducing)) - known == {"wait", "cooldown_counter", "best"}
