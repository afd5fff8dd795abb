"""Training what `build` returns: on any data, repeatably, and to an early end where it diverges."""

import math
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from optisearch import Study, choice, integer, real
from optisearch.data import Split
from optisearch.errors import TrainingError
from optisearch.training import FirstBatch, make_trainer

pytestmark = pytest.mark.keras
keras: Any = pytest.importorskip("keras")
tf: Any = pytest.importorskip("tensorflow")

RECORDS = 48
X = np.random.default_rng(0).normal(size=(RECORDS, 4)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(np.int64)
HELD_OUT = (X[:16], Y[:16])


@dataclass(frozen=True)
class Tiny:
    rate: float = real(1e-3, 1e30, log=True, baseline=0.1)
    batch_size: int = choice(1, 8, 16, baseline=16)
    epochs: int = integer(1, 3, baseline=2)


@dataclass(frozen=True)
class Unbatched:
    rate: float = real(1e-3, 1.0, log=True, baseline=0.1)
    epochs: int = integer(1, 3, baseline=2)


def compiled(model: Any, rate: float = 0.1) -> Any:
    model.compile(
        optimizer=keras.optimizers.SGD(rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def layers() -> list[Any]:
    return [keras.layers.Input((4,)), keras.layers.Dense(2, "softmax")]


class Builder:
    """Builds the tiny model, and remembers how many steps it was trained for."""

    def __init__(self, *inputs: str) -> None:
        self.inputs = inputs
        self.optimizer: Any = None

    def __call__(self, hp: Any) -> Any:
        if self.inputs:
            named = {name: keras.layers.Input((4,), name=name) for name in self.inputs}
            summed = keras.layers.Add()(list(named.values()))
            model = keras.Model(named, keras.layers.Dense(2, "softmax")(summed))
        else:
            model = keras.Sequential(layers())
        compiled(model, hp.rate)
        self.optimizer = model.optimizer
        return model

    @property
    def steps(self) -> int:
        return int(self.optimizer.iterations)


def a_study(build: Any = None, space: type = Tiny) -> Study:
    return Study(
        name="tiny",
        space=space,
        build=build or Builder(),
        data=lambda: None,
        maximize="val_accuracy",
    )


def data(train: Any, validation: Any = HELD_OUT) -> Split:
    return Split(train=train, validation=validation, name="tiny")


ARRAYS = data((X, Y))


def dataset(x: Any = X, y: Any = Y, size: int = 4) -> Any:
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(size)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Six batches of eight records."""

    @property
    def num_batches(self) -> int:
        return 6

    def __getitem__(self, index: int) -> Any:
        rows = slice(8 * index, 8 * index + 8)
        return X[rows], Y[rows]


NAMED = {"a": X, "b": -0.5 * X}
NAMED_HELD_OUT = ({"a": X[:16], "b": X[:16]}, Y[:16])

# Data → the builder's inputs, the data, the space, and the steps in an epoch.
KINDS: dict[str, tuple[tuple[str, ...], Split, type, int]] = {
    "arrays": ((), ARRAYS, Tiny, 3),
    "dicts of arrays": (("a", "b"), data((NAMED, Y), NAMED_HELD_OUT), Tiny, 3),
    "sample weights": ((), data((X, Y, np.ones(RECORDS, np.float32))), Tiny, 3),
    "a data set, batched anew": ((), data(dataset(), dataset()), Tiny, 3),
    "a data set as it is": ((), data(dataset(), dataset()), Unbatched, 12),
    "a PyDataset": ((), data(Batches(), Batches()), Unbatched, 6),
    "arrays in batches of 32": ((), ARRAYS, Unbatched, 2),
}


@pytest.mark.parametrize(("inputs", "parts", "space", "steps"), KINDS.values(), ids=KINDS)
def test_any_kind_of_data_is_trained_on(
    fit: Callable[..., Any],
    inputs: tuple[str, ...],
    parts: Split,
    space: type,
    steps: int,
) -> None:
    build = Builder(*inputs)
    fitted = fit(a_study(build, space), parts, epochs=2)
    assert fitted.reason == "completed"
    assert [row["epoch"] for row in fitted.history] == [0, 1]
    names = {"epoch", "loss", "accuracy", "val_loss", "val_accuracy"}
    assert all(set(row) == names for row in fitted.history)
    assert fitted.history[1]["loss"] < fitted.history[0]["loss"]
    assert build.steps == 2 * steps
    assert fitted.outcome.parameters == 10


@pytest.mark.parametrize(("batch_size", "epochs"), [(8, 3), (16, 1)])
def test_fields_named_like_arguments_of_fit_are_given_to_it(
    fit: Callable[..., Any], batch_size: int, epochs: int
) -> None:
    build = Builder()
    fitted = fit(a_study(build), ARRAYS, batch_size=batch_size, epochs=epochs)
    assert len(fitted.history) == epochs
    assert build.steps == epochs * RECORDS // batch_size


def test_the_seed_decides_everything(fit: Callable[..., Any]) -> None:
    first, same, other = (fit(a_study(), ARRAYS, seed=seed).history for seed in (1, 1, 2))
    assert first == same
    assert first != other


def test_sample_weights_count(fit: Callable[..., Any]) -> None:
    def trained(weight: float) -> Any:
        weights = np.full(RECORDS, weight, np.float32)
        return fit(a_study(), data((X, Y, weights))).history

    weightless = trained(0.0)
    assert [row["loss"] for row in weightless] == [0.0, 0.0]
    assert weightless[0]["val_loss"] == weightless[1]["val_loss"]
    assert trained(1.0)[0]["val_loss"] != trained(1.0)[1]["val_loss"]


def test_a_loss_that_is_no_number_ends_the_trial_within_its_epoch(
    fit: Callable[..., Any],
) -> None:
    build = Builder()
    broken = np.full((2000, 4), np.nan, np.float32)
    many = data((broken, np.zeros(2000, np.int64)))
    fitted = fit(a_study(build), many, batch_size=1, epochs=3)
    assert fitted.reason == "diverged"
    assert build.steps <= 100
    (epoch,) = fitted.history
    assert epoch["epoch"] == 0
    assert math.isnan(epoch["loss"])


def test_nothing_is_kept_but_the_models_whose_graphs_are(monkeypatch: Any) -> None:
    """Of three trials of one structure the first stays; of those that differ, the last two."""
    from optisearch.training import fitter
    from optisearch.training.twins import Twins

    monkeypatch.setattr(fitter, "Twins", lambda: Twins(most=2))
    models = []

    def build(hp: Any) -> Any:
        widths = [layers()[0], keras.layers.Dense(hp.units), layers()[1]]
        models.append(weakref.ref(compiled(keras.Sequential(widths))))
        return models[-1]()

    trainer = make_trainer(a_study(build), ARRAYS.for_training())
    run: Any = SimpleNamespace(seed=1, callbacks=[])
    for units in (1, 1, 1, 2, 3):
        trainer.train(SimpleHp(units), run)
        trainer.release()
    assert [model() is not None for model in models] == [False] * 3 + [True] * 2


@dataclass(frozen=True)
class SimpleHp:
    units: int


def test_steps_that_the_study_fuses_itself_are_left_alone(fit: Callable[..., Any]) -> None:
    fused = []

    def build(_hp: Tiny) -> Any:
        model = keras.Sequential(layers())
        model.compile(
            *("sgd", "sparse_categorical_crossentropy"),
            metrics=["accuracy"],
            steps_per_execution=2,
        )
        fused.append(model)
        return model

    fit(a_study(build), ARRAYS)
    assert fused[0].steps_per_execution == 2


def checked(build: Any, parts: Split = ARRAYS, **changes: Any) -> FirstBatch | None:
    study = replace(a_study(build), **changes)
    return make_trainer(study, parts.for_training()).check()


def test_a_check_tells_what_a_search_will_cost() -> None:
    first = checked(Builder())
    assert first is not None
    assert set(first.metrics) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert first.parameters == 10
    assert first.steps_per_epoch == 3
    assert first.seconds_per_step > 0


@pytest.mark.parametrize("kind", ["a data set, batched anew", "dicts of arrays"])
def test_any_kind_of_data_is_checked(kind: str) -> None:
    inputs, parts, space, _ = KINDS[kind]
    assert checked(Builder(*inputs), parts, space=space) is not None


def raising(_hp: Any) -> Any:
    raise ValueError("no such activation")


# What `build` returns → the beginning of what is said, and a part of the remedy.
MISTAKES: dict[str, tuple[Any, str, str]] = {
    "raises": (raising, "`build` raises at the baseline", "Correct it"),
    "not compiled": (
        lambda _hp: keras.Sequential(layers()),
        "the model that `build` returns isn't compiled",
        "model.compile",
    ),
    "nothing": (lambda _hp: None, "`build` returns a NoneType, no Keras model", "Return"),
    "wrong input": (
        lambda _hp: compiled(keras.Sequential([keras.layers.Input((5,)), layers()[1]])),
        "the model doesn't fit the data",
        "The data's records are (4,) float32 with () int64; the model takes (None, 5)",
    ),
    "wrong output": (
        lambda _hp: compiled(keras.Sequential([layers()[0], keras.layers.Reshape((2, 2))])),
        "the model doesn't fit the data",
        "and gives (None, 2, 2)",
    ),
}


@pytest.mark.parametrize(("build", "said", "remedy"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_found_on_the_first_batch(build: Any, said: str, remedy: str) -> None:
    with pytest.raises(TrainingError) as caught:
        checked(build)
    assert caught.value.what.startswith(said)
    assert remedy in caught.value.remedy
    assert caught.value.where == "build"


def test_a_build_that_raises_shows_the_users_frames() -> None:
    with pytest.raises(TrainingError) as caught:
        checked(raising)
    assert "in raising" in caught.value.detail
    assert "src/optisearch" not in caught.value.detail
    assert caught.value.detail.endswith("ValueError: no such activation")


def test_a_missing_metric_names_those_there_are() -> None:
    with pytest.raises(TrainingError) as caught:
        checked(Builder(), maximize="val_acc")
    assert "there is no metric 'val_acc'" in caught.value.what
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert name in caught.value.what


def test_the_metrics_of_the_check_are_those_that_epochs_report(fit: Callable[..., Any]) -> None:
    first = checked(Builder())
    assert first is not None
    (epoch,) = fit(a_study(), ARRAYS, epochs=1).history
    assert set(first.metrics) == set(epoch) - {"epoch"}


def test_a_batch_size_can_not_be_given_to_a_py_dataset() -> None:
    with pytest.raises(TrainingError, match="a PyDataset makes its own batches"):
        checked(Builder(), data(Batches(), Batches()))


def test_an_uncompiled_model_away_from_the_baseline_is_a_failure(
    fit: Callable[..., Any],
) -> None:
    with pytest.raises(TrainingError, match="isn't compiled"):
        fit(a_study(lambda _hp: keras.Sequential(layers())), ARRAYS)
