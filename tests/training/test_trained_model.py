"""The model that a trial has trained: as the study builds it, measuring what was recorded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import optuna
import pytest

from optisearch import Study, choice, real
from optisearch.data import Split
from optisearch.errors import TrainingError
from optisearch.events import silence
from optisearch.live_run import LiveRun
from optisearch.training import Trainer, make_trainer

pytestmark = pytest.mark.keras
keras: Any = pytest.importorskip("keras")
tf: Any = pytest.importorskip("tensorflow")

from optisearch.training import values  # noqa: E402

RNG = np.random.default_rng(0)
X = RNG.normal(size=(1500, 4)).astype(np.float32)
Y = (X.sum(axis=1) > 0.3).astype(np.int64)
WEIGHTS = RNG.uniform(0.5, 1.5, 1500).astype(np.float32)
SEED = 3


@dataclass(frozen=True)
class Small:
    rate: float = real(1e-3, 1.0, log=True, baseline=0.01)
    penalty: float = real(1e-6, 1e-1, log=True, baseline=1e-3)
    dropout: float = real(0.0, 0.9, baseline=0.3)
    batch_size: int = choice(16, 100, baseline=100)
    epochs: int = 2


def stack(hp: Small, *first: Any) -> Any:
    layers = keras.layers
    l2 = keras.regularizers.L2(hp.penalty)
    model = keras.Sequential(
        [
            *first,
            layers.Dense(8, "relu", kernel_regularizer=l2),
            layers.BatchNormalization(),
            layers.Dropout(hp.dropout),
            layers.Dense(2, "softmax"),
        ]
    )
    rate = keras.optimizers.Adam(hp.rate)
    model.compile(rate, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def built(hp: Small) -> Any:
    return stack(hp, keras.layers.Input((4,)))


class Batched(keras.callbacks.Callback):  # type: ignore[misc]
    """Has `fit` do it."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


def arrays(end: int = 1500) -> Split:
    return Split(train=(X[:1000], Y[:1000]), validation=(X[100:end], Y[100:end]), name="small")


def batches() -> Split:
    def part(begin: int, end: int) -> Any:
        return tf.data.Dataset.from_tensor_slices((X[begin:end], Y[begin:end])).batch(50)

    return Split(train=part(0, 1000), validation=part(1000, 1500), name="small")


def weighted() -> Split:
    rows = slice(1000, 1500)
    held_out = (X[rows], Y[rows], WEIGHTS[rows])
    return Split(train=(X[:1000], Y[:1000], WEIGHTS[:1000]), validation=held_out, name="small")


KINDS: dict[str, dict[str, Any]] = {
    "graphs": {},
    "a part of several batches": {"data": lambda: arrays(1400)},
    "sample weights": {"data": weighted},
    "without an input layer": {"build": stack},
    "fit": {"callbacks": lambda _hp: [Batched()]},
    "a data set": {"data": batches},
}


def train(study: Study, trainer: Trainer, hp: Any, seed: int = SEED) -> LiveRun:
    trial = optuna.create_study(direction=study.direction).ask()
    run = LiveRun(trial, study.metric, hp.epochs, seed, bool, silence, trainer)
    trainer.train(hp, run)
    return run


def small(*, build: Any = built, data: Callable[[], Split] = arrays, **more: Any) -> Study:
    return Study(name="small", space=Small, build=build, data=data, maximize="val_accuracy", **more)


def validation_row(run: LiveRun) -> dict[str, float]:
    return {name: value for name, value in run.history[-1].items() if name.startswith("val_")}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_it_measures_what_was_recorded(kind: dict[str, Any]) -> None:
    study, hp = small(**kind), Small()
    trainer = make_trainer(study, study.data().for_training())
    run = train(study, trainer, hp)
    model = trainer.model(hp, SEED)
    assert trainer.measure(model, hp) == validation_row(run)
    kept = trainer.model_values()
    assert kept is not None
    trainer.release()

    elsewhere = make_trainer(study, study.data().for_training())
    again = elsewhere.model(hp, SEED, kept)
    assert elsewhere.measure(again, hp) == validation_row(run)
    assert not values.differ(model, again)


def test_of_a_twin_it_is_the_studys_own() -> None:
    """Its layers have the rate and the penalty of their point, not variables that were set."""
    study, first = small(), Small()
    hp = replace(first, penalty=0.01, dropout=0.5, rate=0.05)
    trainer = make_trainer(study, study.data().for_training())
    train(study, trainer, first)
    run = train(study, trainer, hp, seed=8)
    assert trainer.fitter.last is not None
    model = trainer.model(hp, 8)
    assert model is not trainer.fitter.last.model
    config = str(model.get_config())
    assert "'rate': 0.5" in config
    assert "'l2': 0.01" in config
    assert trainer.measure(model, hp) == validation_row(run)


def test_of_a_loop_that_fits_by_the_run() -> None:
    def loop(hp: Small, data: Any, run: Any) -> None:
        keras.utils.set_random_seed(run.seed)
        run.fit(built(hp), data.train, data.validation, batch_size=hp.batch_size, epochs=2)

    study = replace(small(), build=None, train=loop)
    trainer = make_trainer(study, study.data().for_training())
    run = train(study, trainer, Small())
    model = trainer.model(Small(), SEED)
    assert trainer.measure(model, Small()) == validation_row(run)
    assert trainer.model_values() is None
    trainer.release()
    with pytest.raises(TrainingError, match="trains no model that OptiSearch knows of"):
        trainer.model(Small(), SEED)


def test_after_a_release_there_is_none() -> None:
    study = small()
    trainer = make_trainer(study, study.data().for_training())
    train(study, trainer, Small())
    trainer.release()
    assert trainer.model_values() is None
