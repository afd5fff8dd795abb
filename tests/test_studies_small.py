"""The shipped studies of scikit-learn's small data sets: what they train is what they say."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from optisearch.data import load
from optisearch.loading import load_study
from optisearch.space import factors
from optisearch.study import Study

pytest.importorskip("cmaes")
pytestmark = pytest.mark.keras

STUDIES = Path(__file__).parents[1] / "studies"


@pytest.fixture(scope="module")
def faithful() -> Study:
    return load_study(STUDIES / "autoencoder.py")


@pytest.fixture(scope="module")
def fair() -> Study:
    return load_study(STUDIES / "autoencoder_fair.py")


@pytest.fixture(scope="module")
def binary() -> Study:
    return load_study(STUDIES / "binary.py")


@pytest.fixture(autouse=True)
def usual_precision() -> Iterator[None]:
    """`binary.py` computes with 64 bits; the tests after these don't."""
    yield
    compute_with("float32")


def compute_with(floats: str) -> None:
    import keras

    keras.config.set_floatx(floats)
    keras.config.set_dtype_policy(floats)


class Recorded:
    """A `Run` that keeps what is reported."""

    number = 0
    callbacks: tuple[Any, ...] = ()

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.epochs: list[dict[str, float]] = []

    def report(self, epoch: int, metrics: Mapping[str, float]) -> None:
        assert epoch == len(self.epochs)
        self.epochs.append(dict(metrics))


def names(study: Study) -> SimpleNamespace:
    """What a study's file defines."""
    function = study.train or study.build
    assert function is not None
    return SimpleNamespace(**function.__globals__)


def trained(study: Study, data: Any, seed: int = 1, **point: Any) -> list[dict[str, float]]:
    run = Recorded(seed)
    assert study.train is not None
    study.train(replace(study.space(), **point), data, run)
    return run.epochs


@pytest.fixture(scope="module")
def tumours(binary: Study) -> Any:
    return load(binary.data).for_training()


def varying(x: np.ndarray) -> np.ndarray:
    """The columns that aren't all the same: some pixels are never written on."""
    return x[:, x.std(axis=0) > 0]


class TestAutoencoders:
    def test_the_tutorials_digits_are_scaled_before_they_are_split(self, faithful: Study) -> None:
        split = load(faithful.data)
        assert split.test is not None
        whole = varying(np.concatenate([split.train[0], split.validation[0], split.test[0]]))
        assert len(whole) == 1797
        np.testing.assert_allclose(whole.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(whole.std(axis=0), 1, atol=1e-4)
        # The training part alone isn't: its scale came from elsewhere too.
        assert np.abs(split.train[0].mean(axis=0)).max() > 0.05

    def test_the_tutorials_held_out_part_is_the_validation_part(self, faithful: Study) -> None:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler

        pixels = StandardScaler().fit_transform(load_digits().data)
        kept, held_out = train_test_split(pixels, test_size=0.25, random_state=42)
        split = load(faithful.data)
        assert split.sizes == {"train": 1144, "validation": 450, "test": 203}
        np.testing.assert_allclose(split.validation[0], held_out, rtol=1e-6)
        ours = {row.tobytes() for row in np.concatenate([split.train[0], split.test[0]])}
        assert ours == {row.tobytes() for row in kept.astype(np.float32)}

    def test_the_fair_digits_are_scaled_by_the_training_part_alone(self, fair: Study) -> None:
        split = load(fair.data)
        assert split.sizes == {"train": 1257, "validation": 270, "test": 270}
        train = varying(split.train[0])
        np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-4)
        assert np.abs(split.validation[0].mean(axis=0)).max() > 0.05

    @pytest.mark.parametrize("name", ["faithful", "fair"])
    def test_what_goes_in_is_what_should_come_out(
        self, name: str, request: pytest.FixtureRequest
    ) -> None:
        split = load(request.getfixturevalue(name).data)
        for x, y in (split.train, split.validation, split.test):
            assert x.dtype == np.float32
            np.testing.assert_array_equal(x, y)

    @pytest.mark.parametrize("name", ["faithful", "fair"])
    def test_every_optimizer_learns_a_batch(
        self, name: str, request: pytest.FixtureRequest
    ) -> None:
        study = request.getfixturevalue(name)
        x, y = load(study.data).train
        for level in factors(study.space)["optimizer"].levels:
            model = study.build(replace(study.space(), optimizer=level))
            before = model.get_weights()
            model.train_on_batch(x[:16], y[:16])
            assert model.count_params() == 64 * 32 + 32 + 32 * 64 + 64
            assert (model.get_weights()[0] != before[0]).any(), level

    def test_the_faithful_metric_is_the_reconstruction_error(self, faithful: Study) -> None:
        assert faithful.build is not None
        model = faithful.build(faithful.space())
        x, y = load(faithful.data).validation
        logs = model.test_on_batch(x, y, return_dict=True)
        errors = np.square(model.predict_on_batch(x) - y)
        assert logs["mse"] == pytest.approx(errors.mean(), rel=1e-5)
        assert logs["loss"] != pytest.approx(logs["mse"], rel=0.01)  # it isn't what is trained


def test_the_tumours_are_as_described(binary: Study) -> None:
    split = load(binary.data)
    assert split.sizes == {"train": 342, "validation": 142, "test": 85}
    for x, y in (split.train, split.validation, split.test):
        assert x.shape[1:] == (30,)
        assert set(y) == {0, 1}
        assert y.mean() == pytest.approx(357 / 569, abs=0.01)  # stratified


class TestTraining:
    @pytest.fixture
    def training(self, binary: Study, tumours: Any) -> Any:
        compute_with("float64")
        return names(binary).Training(binary.space(hidden="4"), tumours, Recorded())

    def test_inputs_are_scaled_by_the_training_part_alone(
        self, binary: Study, tumours: Any, training: Any
    ) -> None:
        inputs = training.train[0].numpy()
        np.testing.assert_allclose(inputs.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(inputs.std(axis=0), 1, atol=1e-12)
        raw = names(binary).Training(binary.space(scaling="none"), tumours, Recorded())
        np.testing.assert_array_equal(raw.train[0].numpy(), tumours.train[0])

    def test_the_loss_is_the_models(self, binary: Study, training: Any) -> None:
        """Cross-entropy and penalty, computed by hand of the weights in a row."""
        weights = training.start + 0.1
        first, second = weights[:120].reshape(30, 4), weights[124:128].reshape(4, 1)
        inputs, labels = (part.numpy() for part in training.train)
        logits = np.maximum(inputs @ first + weights[120:124], 0) @ second + weights[128:]
        crossentropy = np.mean(np.logaddexp(0, logits) - labels * logits)
        penalty = binary.space().penalty * (np.square(first).sum() + np.square(second).sum())
        # Keras keeps probabilities 1e-7 away from 0 and 1.
        assert training.loss(weights) == pytest.approx(crossentropy + penalty, abs=1e-6)

    @pytest.mark.parametrize("loss", ["crossentropy", "squared"])
    def test_the_gradient_is_the_slope(self, binary: Study, tumours: Any, loss: str) -> None:
        compute_with("float64")
        space = binary.space(hidden="4", loss=loss)
        training = names(binary).Training(space, tumours, Recorded())
        weights = training.draw()
        value, gradient = training.loss_and_gradient(weights)
        assert value == training.loss(weights)
        directions = np.random.default_rng(0).normal(size=(5, len(weights)))
        for direction in directions:
            step = 1e-6 * direction
            slope = (training.loss(weights + step) - training.loss(weights - step)) / 2e-6
            assert gradient @ direction == pytest.approx(slope, rel=1e-4)

    def test_weights_are_drawn_as_keras_draws_them(self, training: Any) -> None:
        drawn = np.stack([training.draw() for _ in range(200)])
        kernel, biases = drawn[:, :120], drawn[:, [120, 121, 122, 123, 128]]
        assert (biases == 0).all()
        assert np.abs(kernel).max() == pytest.approx(np.sqrt(6 / 34), rel=0.01)
        assert kernel.mean() == pytest.approx(0, abs=0.01)

    def test_the_best_weights_are_reported_and_passes_end(
        self, binary: Study, training: Any
    ) -> None:
        spent, passes = names(binary).Spent, names(binary).PASSES
        good = training.start
        lowest = training.loss(good)
        for _ in range(passes - 1):
            training.loss(good + 10)
        assert training.run.epochs[0]["loss"] == pytest.approx(lowest)
        with pytest.raises(spent):
            for _ in range(passes * binary.space().epochs):
                training.loss(good)
        assert len(training.run.epochs) == binary.space().epochs


METHODS = (
    "sgd",
    "adam",
    "lbfgs",
    "lbfgs restarts",
    "newton",
    "cma-es",
    "evolution",
    "swarm",
    "annealing",
    "random",
)


class TestMethods:
    def test_all_are_tried(self, binary: Study) -> None:
        assert factors(binary.space)["method"].levels == METHODS
        assert tuple(names(binary).METHODS) == METHODS

    @pytest.mark.parametrize("method", METHODS)
    def test_it_improves_and_repeats_itself(self, binary: Study, tumours: Any, method: str) -> None:
        point = {"method": method, "hidden": "4", "epochs": 5}
        epochs = trained(binary, tumours, **point)
        assert epochs == trained(binary, tumours, **point)
        assert epochs != trained(binary, tumours, seed=2, **point)
        assert len(epochs) <= 5
        training = names(binary).Training(binary.space(**point), tumours, Recorded())
        assert epochs[-1]["loss"] < training.loss(training.start)

    def test_curvature_gets_lower_than_batches(self, binary: Study, tumours: Any) -> None:
        point = {"hidden": "4", "epochs": 4}
        lowest = trained(binary, tumours, method="lbfgs", **point)[-1]["loss"]
        assert lowest < trained(binary, tumours, method="sgd", **point)[-1]["loss"]

    def test_restarts_go_on_where_one_descent_ends(self, binary: Study, tumours: Any) -> None:
        once = trained(binary, tumours, method="lbfgs", hidden="4")
        again = trained(binary, tumours, method="lbfgs restarts", hidden="4")
        assert len(once) < len(again) == binary.space().epochs
        assert again[: len(once) - 1] == once[:-1]
        assert again[-1]["loss"] <= once[-1]["loss"]

    def test_a_batch_counts_as_its_share_of_a_pass(self, binary: Study, tumours: Any) -> None:
        """The optimizer of Keras has gone through the records as often as the others."""
        import keras

        seen = []

        class Counting(keras.optimizers.SGD):
            def apply(self, *args: Any, **kwargs: Any) -> Any:
                seen[:] = [self]
                return super().apply(*args, **kwargs)

        assert binary.train is not None
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(binary.train.__globals__["KERAS"], "sgd", Counting)
            trained(binary, tumours, method="sgd", epochs=2)
        steps = int(seen[0].iterations.numpy())
        assert steps == 2 * names(binary).PASSES * 11  # 342 records are 11 batches of 32

    @pytest.mark.parametrize("method", METHODS[:5])
    def test_accuracy_is_refused_where_a_gradient_is_needed(
        self, binary: Study, tumours: Any, method: str
    ) -> None:
        with pytest.raises(ValueError, match=f"no slope for {method}: use cma-es"):
            trained(binary, tumours, method=method, loss="accuracy")

    def test_accuracy_itself_is_improved_without(self, binary: Study, tumours: Any) -> None:
        point = {"method": "cma-es", "hidden": "4", "epochs": 10}
        epochs = trained(binary, tumours, loss="accuracy", **point)
        assert epochs[-1]["loss"] < epochs[0]["loss"]
        assert epochs[-1]["val_accuracy"] > 0.85

    def test_the_validation_loss_is_that_of_one_measure(self, binary: Study, tumours: Any) -> None:
        """Of the same weights it is the same, whatever is minimized."""
        firsts = [
            trained(binary, tumours, method="sgd", loss=loss, learning_rate=1e-12, epochs=1)[0]
            for loss in ("crossentropy", "squared")
        ]
        assert firsts[0]["val_loss"] == pytest.approx(firsts[1]["val_loss"])
        assert firsts[0]["loss"] != pytest.approx(firsts[1]["loss"], rel=0.01)
