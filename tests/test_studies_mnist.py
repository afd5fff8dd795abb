"""The shipped studies of MNIST: what they train is what they say."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from optisearch.data import Split
from optisearch.loading import load_study
from optisearch.space import factors
from optisearch.study import Study

pytestmark = pytest.mark.keras

STUDIES = Path(__file__).parents[1] / "studies"
SIZE = 28


@pytest.fixture(scope="module")
def joint() -> Study:
    return load_study(STUDIES / "mnist.py")


@pytest.fixture(scope="module")
def convolutional() -> Study:
    return load_study(STUDIES / "mnist_convolutional.py")


@pytest.fixture(scope="module")
def data_size() -> Study:
    return load_study(STUDIES / "data_size.py")


class Recorded:
    """A `Run` that keeps what is reported."""

    number = 0

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.epochs: list[dict[str, float]] = []

    def report(self, epoch: int, metrics: Mapping[str, float]) -> None:
        assert epoch == len(self.epochs)
        self.epochs.append({name: float(value) for name, value in metrics.items()})

    @property
    def callbacks(self) -> list[Any]:
        import keras

        return [keras.callbacks.LambdaCallback(on_epoch_end=self.report)]

    def fit(
        self, model: Any, train: Any, validation: Any, callbacks: Any = (), **arguments: Any
    ) -> Any:
        """What `Run.fit` stands for, by Keras's own means."""
        return model.fit(
            *train,
            validation_data=validation,
            callbacks=[*callbacks, *self.callbacks],
            verbose=0,
            **arguments,
        )


def names(study: Study) -> SimpleNamespace:
    """What a study's file defines."""
    function = study.train or study.build
    assert function is not None
    return SimpleNamespace(**function.__globals__)


def some_images(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    images = rng.random((count, SIZE, SIZE)).astype(np.float32)
    return images, rng.integers(0, 10, count)


def some_data(count: int = 60) -> Any:
    return Split(train=some_images(count), validation=some_images(20, 1), name="x").for_training()


def test_what_is_searched_is_what_the_recorded_results_searched(joint: Study) -> None:
    searched = [name for name, factor in factors(joint.space).items() if factor.searched]
    assert searched == [
        "optimizer",
        "learning_rate",
        "batch_size",
        "activation",
        "regularization",
        "penalty",
        "dropout",
        "units",
        "epochs",
    ]


@pytest.mark.parametrize("name", ["optimizer", "activation", "regularization", "stopping"])
def test_every_level_builds(joint: Study, name: str) -> None:
    assert joint.build is not None
    for level in factors(joint.space)[name].levels:
        model = joint.build(replace(joint.space(), **{name: level}))
        assert model.compiled
        assert model.output_shape == (None, 10), level


@pytest.mark.parametrize("name", ["architecture", "loss"])
def test_every_model_learns_a_batch(joint: Study, name: str) -> None:
    batch = some_images(8)
    assert joint.build is not None
    for level in factors(joint.space)[name].levels:
        model = joint.build(replace(joint.space(), **{name: level}))
        before = model.get_weights()
        logs = model.train_on_batch(*batch, return_dict=True)
        assert set(logs) == {"loss", "accuracy"}
        assert np.isfinite(logs["loss"]), level
        after = model.get_weights()
        assert all((new != old).any() for new, old in zip(after, before, strict=True)), level


def test_an_architecture_is_what_it_is_called(joint: Study) -> None:
    def kinds(architecture: str) -> list[str]:
        assert joint.build is not None
        model = joint.build(replace(joint.space(), architecture=architecture))
        return [type(layer).__name__ for layer in model.layers if layer.weights]

    assert kinds("perceptron") == ["Dense"]
    assert kinds("mlp") == ["Dense"] * 2
    assert kinds("deep") == ["Dense"] * 4
    assert kinds("convolutional") == ["Conv2D", "Conv2D", "Dense", "Dense"]
    assert kinds("recurrent") == ["LSTM", "Dense"]


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_the_losses_are_their_formulas(joint: Study, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 30)
    probabilities = rng.dirichlet(np.ones(10), 30).astype(np.float32)
    probabilities[0] = np.eye(10)[labels[0]]  # certain and right
    probabilities[1] = np.eye(10)[(labels[1] + 1) % 10]  # certain and wrong
    right = np.clip(probabilities[np.arange(30), labels], 1e-7, 1)
    expected = {
        "mse": np.square(np.eye(10)[labels] - probabilities).mean(axis=1),
        "focal": -((1 - right) ** 2) * np.log(right),
    }
    given = labels.astype(np.float32).reshape(shape)  # as Keras gives them
    for name, values in expected.items():
        loss = names(joint).LOSSES[name]
        np.testing.assert_allclose(np.asarray(loss(given, probabilities)), values, atol=1e-6)


@pytest.mark.parametrize("loss", ["mse", "focal"])
def test_a_model_trains_by_the_loss_and_is_judged_by_accuracy(joint: Study, loss: str) -> None:
    images, labels = some_images(40)
    assert joint.build is not None
    model = joint.build(replace(joint.space(), loss=loss))
    probabilities = model.predict(images, verbose=0)
    logs = model.evaluate(images, labels, verbose=0, return_dict=True)
    expected = np.mean(np.asarray(names(joint).LOSSES[loss](labels, probabilities)))
    assert logs["loss"] == pytest.approx(expected, rel=1e-5)
    assert logs["accuracy"] == pytest.approx((probabilities.argmax(axis=1) == labels).mean())


@pytest.mark.parametrize(("stopping", "epochs"), [("none", 12), ("early", 4)])
def test_early_stopping_ends_what_no_longer_improves(
    joint: Study, stopping: str, epochs: int
) -> None:
    images, labels = some_images(20)
    assert joint.build is not None
    assert joint.callbacks is not None
    # A model that doesn't learn is at its best after the first epoch; three more are patience.
    point = replace(joint.space(), stopping=stopping, learning_rate=0.0)
    run, data = Recorded(), (images, labels)
    run.fit(joint.build(point), data, data, callbacks=joint.callbacks(point), epochs=12)
    assert len(run.epochs) == epochs


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_full_batch_in_chunks_is_a_full_batch(
    convolutional: Study, optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    file = names(convolutional)
    images, labels = some_images(60)
    x, y = images[..., None], file.one_hot(labels)
    monkeypatch.setitem(convolutional.train.__globals__, "LARGEST_CHUNK", 16)
    hp = convolutional.space(optimizer=optimizer, batch="all")

    def trained(size: int | None) -> list[np.ndarray]:
        keras.utils.set_random_seed(0)
        model = file.build(dropout=(0.0, 0.0))
        before = model.get_weights()
        chunk = file.compile_for(model, hp, 60)
        assert chunk == 15
        if size is not None:
            model.compile(file.OPTIMIZERS[optimizer](), "categorical_crossentropy")
        model.fit(x, y, batch_size=size or chunk, epochs=1, verbose=0)
        # After one step: later, a rounding error may switch one of the network's maxima over.
        after = model.get_weights()
        model.fit(x, y, batch_size=size or chunk, epochs=1, verbose=0)
        assert int(model.optimizer.iterations) == 2  # one step an epoch
        return [end - start for end, start in zip(after, before, strict=True)]

    for chunked, whole in zip(trained(None), trained(60), strict=True):
        assert np.abs(whole).max() > 1e-5
        # Adam divides by the gradient's size: where that is nearly nothing, its rounding shows.
        close = np.isclose(chunked, whole, rtol=1e-3, atol=1e-6)
        assert close.mean() > 0.999


def test_chunks_are_equal_whatever_the_number_of_records(convolutional: Study) -> None:
    equal_chunks = names(convolutional).equal_chunks
    assert equal_chunks(50_000) == (1000, 50)
    assert equal_chunks(1257) == (419, 3)
    assert equal_chunks(997) == (997, 1)
    assert equal_chunks(1009) == (1, 1009)


def test_a_share_of_the_labels_is_wrong(convolutional: Study) -> None:
    mislabelled = names(convolutional).mislabelled
    labels = some_images(500)[1]
    kept = labels.copy()
    noisy = mislabelled(labels, 0.2, 1)
    assert (labels == kept).all()
    assert (noisy != labels).sum() == 100
    assert set(noisy) <= set(range(10))
    assert (noisy == mislabelled(labels, 0.2, 1)).all()
    assert (noisy != mislabelled(labels, 0.2, 2)).any()
    assert (mislabelled(labels, 0.0, 1) == labels).all()


def test_the_test_images_are_chosen_by_and_others_kept_closed(
    convolutional: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Split(
        train=some_images(30),
        validation=some_images(10, 1),
        test=some_images(20, 2),
        name="mnist",
        variant="digits",
        note="not the real ones",
    )
    monkeypatch.setitem(convolutional.train.__globals__, "mnist", lambda: usual)
    split = convolutional.data()
    assert (split.validation[0] == usual.test[0]).all()
    assert (split.test[0] == usual.validation[0]).all()
    assert (split.train[0] == usual.train[0]).all()
    assert (split.variant, split.note) == ("digits", "not the real ones")


@pytest.mark.parametrize(
    ("optimizer", "batch", "state"),
    [
        ("sgd", "64", 0),
        ("momentum", "64", 1),
        ("rmsprop", "64", 1),
        ("adagrad", "64", 1),
        ("adadelta", "64", 2),
        ("adam", "1", 2),
    ],
)
def test_every_level_of_the_convolutional_network_trains(
    convolutional: Study, optimizer: str, batch: str, state: int
) -> None:
    run = Recorded()
    hp = convolutional.space(optimizer=optimizer, batch=batch, label_noise=0.2, epochs=1)
    outcome = convolutional.train(hp, some_data(), run)
    assert outcome.parameters == 320 + 13 * 13 * 32 * 256 + 256 + 2570
    assert {"accuracy", "loss", "val_accuracy", "val_loss"} <= set(run.epochs[0])
    assert run.epochs[0]["state_per_parameter"] == pytest.approx(state, abs=1e-4)


def test_the_rate_is_a_multiple_of_the_default(convolutional: Study) -> None:
    file = names(convolutional)
    for optimizer, default in {"sgd": 0.01, "adam": 0.001}.items():
        for scale in (1.0, 10.0):
            model = file.build()
            hp = convolutional.space(optimizer=optimizer, learning_rate_scale=scale)
            assert file.compile_for(model, hp, 60) == 64
            assert float(model.optimizer.learning_rate) == pytest.approx(default * scale)


def gone_through(stream: Any) -> tuple[np.ndarray, np.ndarray]:
    parts = [(np.asarray(x), np.asarray(y)) for x, y in stream]
    images, labels = zip(*parts, strict=True)
    return np.concatenate(images), np.concatenate(labels)


@pytest.mark.parametrize("count", [10, 40, 130])
def test_the_stream_is_a_data_set_of_that_size(data_size: Study, count: int) -> None:
    x = some_images(40)[0]
    stream = names(data_size).stream(x, np.arange(40), count, batch_size=16, seed=3)
    assert int(stream.cardinality()) == -(-count // 16)
    assert [len(labels) for _, labels in stream][:-1] == [16] * (-(-count // 16) - 1)
    first, second = gone_through(stream), gone_through(stream)
    assert len(first[0]) == count
    assert first[0].dtype == np.float32
    images = {image.tobytes(): label for image, label in zip(*first, strict=True)}
    assert len(images) == count  # no two are the same
    assert images == {image.tobytes(): label for image, label in zip(*second, strict=True)}
    assert (first[1] != second[1]).any()  # in another order
    unmoved = [label for label in range(40) if images.get(x[label].tobytes()) == label]
    assert len(unmoved) == min(count, 40)


def test_the_stream_follows_from_its_seed(data_size: Study) -> None:
    def epochs(seed: int) -> list[np.ndarray]:
        stream = names(data_size).stream(*some_images(40), 100, batch_size=16, seed=seed)
        return [part for _ in range(2) for part in gone_through(stream)]

    for one, same in zip(epochs(1), epochs(1), strict=True):
        assert (one == same).all()
    assert any((one != other).any() for one, other in zip(epochs(1), epochs(2), strict=True))


def test_images_move_by_whole_pixels_and_leave_the_frame(data_size: Study) -> None:
    import tensorflow as tf

    images = some_images(3)[0]
    framed = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    moves = np.array([(0, 0), (2, -1), (-1, 2)])
    moved = np.asarray(names(data_size).moved(tf.constant(framed), tf.constant(moves)))
    assert (moved[0] == images[0]).all()
    expected = np.zeros((SIZE, SIZE))
    expected[2:, :-1] = images[1][:-2, 1:]
    assert (moved[1] == expected).all()
    assert (moved[2][:-1, 2:] == images[2][1:, :-2]).all()
    assert len(np.unique(names(data_size).MOVES, axis=0)) == 24


def test_data_size_trains_on_as_many_images_as_it_says(data_size: Study) -> None:
    runs = [Recorded(), Recorded()]
    hp = replace(data_size.space(), images=100, batch_size=32, epochs=2)
    for run in runs:
        outcome = data_size.train(hp, some_data(), run)
        assert outcome.parameters == 784 * 64 + 64 + 64 * 10 + 10
        assert len(run.epochs) == 2
    assert runs[0].epochs == runs[1].epochs


def test_small_networks_cost_little_of_what_is_minimized() -> None:
    study = load_study(STUDIES / "mnist_cost.py")
    assert [each.name for each in study.objectives] == ["val_accuracy", "parameters"]
    assert study.build is not None
    cheapest = study.build(study.space(filters=1, units=4))
    # Two convolutions of 1 and 2 filters, 5 x 5 x 2 inputs to 4 units, 4 to 10 classes.
    assert cheapest.count_params() == (25 + 1) + (2 * 9 + 2) + (50 * 4 + 4) + (4 * 10 + 10)
    assert study.build(study.space()).count_params() == 14538
