"""Graphs are used again where the numbers stay those of a fresh model, bit by bit, and only there."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

pytest.importorskip("keras")

import keras
from keras import layers, optimizers, regularizers

from optisearch.training import private
from optisearch.training.steps import Steps
from optisearch.training.structure import structure

from .likeness import Trained, Worker, assert_alike
from .zoo import CLASSES, PLAIN, Own, Point, X, Y, compiled, policy, split, squared

pytestmark = pytest.mark.keras


@dataclass(frozen=True)
class Network(Point):
    """A small network that one factor at a time is changed of."""

    units: int = 5
    activation: str = "relu"
    l1: float = 0.01
    l2: float = 0.02
    dropout: float = 0.25
    weight_decay: float = 0.1
    beta: float = 0.9
    clipnorm: float = 1.0
    temperature: float = 1.0
    smoothing: float = 0.0
    dtype: str = "float32"
    order: tuple[str, ...] = ("tanh", "sigmoid")
    skips: bool = False
    frozen: bool = False


SETTINGS = SimpleNamespace(factor=1.0)
factor = 1.0


class Scaled(layers.Layer):  # type: ignore[misc]
    """By a number that lies elsewhere."""

    of_class = 1.0

    def __init__(self, by: float = 1.0) -> None:
        super().__init__()
        self.by = by

    def call(self, x: Any) -> Any:
        return x * self.by * self.of_class * SETTINGS.factor * times()


def times() -> float:
    return factor


def build(point: Network) -> Any:
    inputs = layers.Input((8,))
    l1, l2 = regularizers.L1(point.l1), regularizers.L2(point.l2)
    x = layers.Dense(
        point.units, point.activation, kernel_regularizer=l2, bias_regularizer=l1, dtype=point.dtype
    )(inputs)
    x = layers.Dropout(point.dropout)(x)
    for activation in point.order:
        x = layers.Activation(activation)(x)
    if point.skips:
        x = layers.Concatenate()([x, inputs])
    head = layers.Dense(CLASSES, "softmax", trainable=not point.frozen)
    x = head(Scaled(point.temperature)(x))
    smoothing = point.smoothing

    def loss(y: Any, probabilities: Any) -> Any:
        return squared(y, (1 - smoothing) * probabilities)

    def optimizer(rate: float) -> Any:
        return optimizers.AdamW(
            rate, weight_decay=point.weight_decay, beta_1=point.beta, clipnorm=point.clipnorm
        )

    return compiled(keras.Model(inputs, x), point, optimizer, loss=loss)


BASELINE = Network()


@pytest.fixture(scope="module")
def worker() -> Worker:
    """Has traced the baseline."""
    made = Worker(PLAIN)
    assert made.train(build, BASELINE).by == "graphs"
    return made


SAME_GRAPHS: dict[str, dict[str, Any]] = {
    "seed": {},
    "learning rate": {"learning_rate": 0.3},
    "batch size": {"batch_size": 7},
    "L1": {"l1": 0.037},
    "L2": {"l2": 0.0031},
    "no L2": {"l2": 0.0},
    "dropout": {"dropout": 0.47},
    "weight decay": {"weight_decay": 0.0123},
    "epochs": {"epochs": 1},
    "all of them": {"learning_rate": 0.01, "batch_size": 3, "l1": 0.1, "l2": 1e-4, "dropout": 0.1},
}


@pytest.mark.parametrize("changes", SAME_GRAPHS.values(), ids=SAME_GRAPHS)
def test_what_is_a_value_uses_them_again(worker: Worker, changes: dict[str, Any]) -> None:
    point = replace(BASELINE, **changes)
    again = worker.train(build, point, seed=5)
    assert again.by == "graphs used again"
    assert_alike(again, fresh(point, seed=5))


def fresh(point: Network, seed: int = 1) -> Trained:
    trained = Worker(PLAIN).train(build, point, seed)
    assert trained.by == "graphs"
    return trained


NEW_GRAPHS: dict[str, dict[str, Any]] = {
    "units": {"units": 6},
    "activation": {"activation": "tanh"},
    "no dropout": {"dropout": 0.0},
    "a beta": {"beta": 0.8},
    "clipnorm": {"clipnorm": 0.5},
    "what a layer holds": {"temperature": 2.0},
    "what a loss encloses": {"smoothing": 0.1},
    "layer order": {"order": ("sigmoid", "tanh")},
    "topology": {"skips": True},
    "frozen layer": {"frozen": True},
    "type": {"dtype": "float64"},
}


@pytest.mark.parametrize("changes", NEW_GRAPHS.values(), ids=NEW_GRAPHS)
def test_what_is_structure_has_graphs_of_its_own(changes: dict[str, Any]) -> None:
    assert key(build, BASELINE) == key(build, replace(BASELINE, l2=0.5, learning_rate=1.0))
    assert key(build, BASELINE) != key(build, replace(BASELINE, **changes))


def key(build: Callable[[Any], Any], point: Any = BASELINE) -> Any:
    private.reset_uids()
    found = structure(build(point))
    assert found is not None
    return found


class Subclassed(Own):
    def __init__(self, steepness: float) -> None:
        super().__init__()
        self.steepness = steepness


@pytest.mark.parametrize("steepness", [1.0, 2.0])
def test_an_attribute_of_a_model_of_ones_own_counts(steepness: float) -> None:
    def built(value: float) -> Any:
        return key(lambda point: compiled(Subclassed(value), point))

    assert (built(1.0) == built(steepness)) == (steepness == 1.0)


@pytest.mark.parametrize(
    "change",
    [
        lambda patch: patch.setitem(globals(), "factor", 2.0),
        lambda patch: patch.setattr(SETTINGS, "factor", 2.0),
        lambda patch: patch.setattr(Scaled, "of_class", 2.0),
        lambda patch: patch.setitem(globals(), "times", lambda: 2.0),
        lambda patch: patch.setattr(Scaled, "call", lambda self, x: 2.0 * x),
    ],
    ids=["a global of a function", "an object", "a class", "a function", "a method"],
)
def test_what_code_reads_elsewhere_counts(
    worker: Worker, monkeypatch: Any, change: Callable[[Any], None]
) -> None:
    change(monkeypatch)
    changed = worker.train(build, BASELINE, seed=3)
    assert changed.by == "graphs"
    assert_alike(changed, fresh(BASELINE, seed=3))


def test_the_policy_counts() -> None:
    before = key(build)
    with policy("mixed_bfloat16"):
        assert key(build) != before


class Holding(layers.Layer):  # type: ignore[misc]
    def __init__(self, held: Any) -> None:
        super().__init__()
        self.held = held

    def call(self, x: Any) -> Any:
        return x


@pytest.mark.parametrize(
    "held",
    [np.random.default_rng(0), random.Random(0), np.zeros(2**18 + 1), (n for n in range(3))],
    ids=["NumPy's generator", "Python's generator", "a large array", "an iterator"],
)
def test_what_holds_anything_is_unlike_any_other(held: Any) -> None:
    model = keras.Sequential([layers.Input((8,)), Holding(held), layers.Dense(CLASSES)])
    assert structure(compiled(model, BASELINE)) is None


def test_an_empty_cell_is_no_obstacle() -> None:
    def loss(y: Any, probabilities: Any) -> Any:
        return later if probabilities is None else squared(y, probabilities)  # noqa: F821

    later = 1
    del later
    made = [layers.Input((8,)), layers.Dense(CLASSES)]
    assert structure(compiled(keras.Sequential(made), BASELINE, loss=loss)) is not None


@dataclass(frozen=True)
class Recipe:
    """A small network, but for its seed, learning rate and penalties."""

    layers: tuple[tuple[str, Any], ...]
    optimizer: str = "SGD"
    arguments: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Values:
    """What doesn't count."""

    rate: float
    penalty: float


LAYERS: dict[str, Callable[[Any, Values], Any]] = {
    "dense": lambda units, _: layers.Dense(units),
    "regularized": lambda units, values: layers.Dense(
        units, kernel_regularizer=regularizers.L2(values.penalty)
    ),
    "activation": lambda name, _: layers.Activation(name),
    "noise": lambda share, _: layers.GaussianNoise(share),
}

recipes = st.builds(
    Recipe,
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["dense", "regularized"]), st.integers(1, 2)),
            st.tuples(st.just("activation"), st.sampled_from(["relu", "tanh"])),
            st.tuples(st.just("noise"), st.sampled_from([0.1, 0.2])),
        ),
        max_size=3,
    ).map(tuple),
    st.sampled_from(["SGD", "Adam"]),
    st.sampled_from([(), (("clipnorm", 1.0),), (("clipnorm", 2.0),)]),
)
numbers = st.floats(1e-6, 1.0)
drawn_values = st.builds(Values, numbers, numbers)


def of_recipe(recipe: Recipe, values: Values) -> Any:
    private.reset_uids()
    made = [LAYERS[name](argument, values) for name, argument in recipe.layers]
    model = keras.Sequential([layers.Input((8,)), *made])
    kind = getattr(optimizers, recipe.optimizer)
    model.compile(kind(values.rate, **dict(recipe.arguments)), "mse")
    return structure(model)


@hypothesis.settings(max_examples=25)
@hypothesis.given(recipes, recipes, drawn_values, drawn_values)
def test_structures_are_equal_where_recipes_are(
    one: Recipe, other: Recipe, values: Values, others: Values
) -> None:
    made = of_recipe(one, values)
    assert made is not None
    assert made == of_recipe(one, others)
    assert (made == of_recipe(other, others)) == (one == other)


def traces(worker: Worker) -> list[tuple[int, int]]:
    """How often each kept model's graphs of training and evaluation were traced."""
    kept = worker.trainer.fitter._twins._kept.values()
    return [count(twin.traced.steps) for twin in kept]


def count(steps: Steps) -> tuple[int, int]:
    counts = (f.experimental_get_tracing_count() for f in (steps._train_step, steps._test_step))
    return tuple(counts)  # type: ignore[return-value]


def test_trials_that_are_interleaved_are_those_of_workers_of_their_own() -> None:
    """And nothing is traced a second time."""
    worker, other = Worker(PLAIN), replace(BASELINE, units=3)
    trained = [worker.train(build, point, seed) for seed in (1, 2) for point in (BASELINE, other)]
    assert [each.by for each in trained] == ["graphs"] * 2 + ["graphs used again"] * 2
    assert traces(worker) == [(1, 1), (1, 1)]
    assert_alike(trained[2], fresh(BASELINE, seed=2))
    assert_alike(trained[3], fresh(other, seed=2))


def test_data_of_another_length_uses_them_again(worker: Worker) -> None:
    own = Worker(split((X[:17], Y[:17]), (X[17:20], Y[17:20])))
    alone = own.train(build, BASELINE, seed=4)
    own.trainer.fitter._twins = worker.trainer.fitter._twins
    again = own.train(build, BASELINE, seed=4)
    assert (alone.by, again.by) == ("graphs", "graphs used again")
    assert_alike(alone, again)


class Interrupted(Exception):
    pass


class Ending(keras.callbacks.History):  # type: ignore[misc]
    """Known to leave a model's structure alone."""

    __module__ = "keras.test"

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raise Interrupted


def test_a_trial_that_was_pruned_leaves_nothing(worker: Worker) -> None:
    with pytest.raises(Interrupted):
        worker.train(build, BASELINE, seed=8, callbacks=lambda: [Ending()])
    after = worker.train(build, BASELINE, seed=9)
    assert after.by == "graphs used again"
    assert_alike(after, fresh(BASELINE, seed=9))


def test_a_trial_that_diverged_leaves_nothing(worker: Worker) -> None:
    diverged = worker.train(build, replace(BASELINE, learning_rate=1e38, l2=1e38))
    assert diverged.by == "graphs used again"
    assert not np.isfinite(diverged.history["loss"][-1])
    after = worker.train(build, BASELINE, seed=9)
    assert after.by == "graphs used again"
    assert_alike(after, fresh(BASELINE, seed=9))


def test_only_so_many_are_kept() -> None:
    from optisearch.training.twins import Traced, Twins

    twins = Twins(most=2)
    made = [compiled(of_units(units), BASELINE) for units in (1, 2, 3)]
    keys = [structure(model) for model in made]
    for model, found in zip(made[:2], keys, strict=False):
        twins.keep(Traced(model, Steps(model)), found, ())  # type: ignore[arg-type]
    twins.adopt(made[0], keys[0])  # type: ignore[arg-type]
    twins.keep(Traced(made[2], Steps(made[2])), keys[2], ())  # type: ignore[arg-type]
    assert [found in twins for found in keys] == [True, False, True]
    assert None not in twins


def of_units(units: int) -> Any:
    return keras.Sequential([layers.Input((8,)), layers.Dense(units), layers.Dense(CLASSES)])


def test_saved_models_say_what_they_were_trained_with(tmp_path: Any, worker: Worker) -> None:
    """What a traced model holds as variables is saved as the numbers that they are."""
    path = tmp_path / "best.keras"
    saving = lambda: [keras.callbacks.ModelCheckpoint(path)]  # noqa: E731
    point = replace(BASELINE, l2=0.25, dropout=0.125, weight_decay=0.5)
    assert worker.train(build_saved, point, callbacks=saving).by == "graphs"
    assert worker.train(build_saved, point, callbacks=saving).by == "graphs used again"
    loaded = keras.models.load_model(path)
    assert float(loaded.layers[0].kernel_regularizer.l2) == 0.25
    assert float(loaded.layers[1].rate) == 0.125
    assert float(loaded.optimizer.weight_decay) == 0.5


def build_saved(point: Network) -> Any:
    hidden = layers.Dense(4, kernel_regularizer=regularizers.L2(point.l2))
    made = [layers.Input((8,)), hidden, layers.Dropout(point.dropout), layers.Dense(CLASSES)]
    optimizer = optimizers.AdamW(weight_decay=point.weight_decay)
    model = keras.Sequential(made)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
