"""A hand-written `model.fit` reports through `run.callbacks`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from optisearch import Outcome, Run, Study, integer
from optisearch.data import Split

pytestmark = pytest.mark.keras
keras: Any = pytest.importorskip("keras")

X = np.linspace(0, 1, 32, dtype=np.float32).reshape(16, 2)
DATA = Split(train=(X, X[:, 0]), validation=(X[:4], X[:4, 0]), name="line")


@dataclass(frozen=True)
class Space:
    epochs: int = integer(1, 9, baseline=3)


def train(hp: Space, data: Any, run: Run) -> Outcome:
    keras.utils.set_random_seed(run.seed)
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = data.train
    model.fit(
        *(x, y),
        epochs=hp.epochs,
        validation_data=data.validation,
        callbacks=run.callbacks,
        verbose=0,
    )
    return Outcome(parameters=model.count_params())


STUDY = Study(name="line", space=Space, train=train, data=DATA, minimize="val_loss")


def test_each_epoch_is_reported(fit: Callable[..., Any]) -> None:
    fitted = fit(STUDY, DATA)
    assert fitted.reason == "completed"
    assert [row["epoch"] for row in fitted.history] == [0, 1, 2]
    assert all({"loss", "val_loss"} < set(row) for row in fitted.history)
    assert fitted.run.trial.study.trials[0].intermediate_values == {
        row["epoch"]: row["val_loss"] for row in fitted.history
    }
    assert fitted.outcome.parameters == 3


def test_a_trial_that_ends_early_ends_the_fit(fit: Callable[..., Any], monkeypatch: Any) -> None:
    import optuna

    monkeypatch.setattr(optuna.Trial, "should_prune", lambda _trial: True)
    fitted = fit(STUDY, DATA, epochs=9)
    assert fitted.reason == "pruned"
    assert len(fitted.history) == 1
