"""A study whose training waits: what remains of a trial's time is the service's.

Six factors and ten epochs, as a small study of Keras models has; nothing is computed, and no trial
is worth pruning, whatever has been stored before, although each epoch asks whether it is.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optisearch import Outcome, Run, Study, choice, integer, real

if TYPE_CHECKING:
    import optuna

METRIC = "val_accuracy"
EPOCHS = 10
OPTIMIZERS, ACTIVATIONS, SIZES = ("adam", "rmsprop", "sgd"), ("relu", "tanh"), (32, 64, 128, 256)


@dataclass(frozen=True)
class Point:
    optimizer: str = choice(*OPTIMIZERS, baseline="adam")
    momentum: float = real(0.0, 0.99, baseline=0.9, when={"optimizer": "sgd"})
    learning_rate: float = real(1e-5, 1e-1, baseline=1e-3, log=True)
    batch_size: int = choice(*SIZES, baseline=64)
    activation: str = choice(*ACTIVATIONS, baseline="relu")
    units: int = integer(16, 512, baseline=64, log=True)
    dropout: float = real(0.0, 0.5, baseline=0.0)
    epochs: int = EPOCHS


@dataclass
class Waits:
    """Waits instead of training, and adds up for how long.

    Attributes:
        seconds: How long a trial waits, by its number.
        stopping: Ends all waiting when it is set.
        skipped: The share of a trial's epochs that are left out, from 0 to 1.
        waited: How long it waited so far.
    """

    seconds: Callable[[int], float]
    stopping: threading.Event = field(default_factory=threading.Event)
    skipped: float = 0.0
    waited: float = 0.0

    def epochs(self, number: int) -> Iterator[int]:
        """The epochs of a trial, each after its time."""
        seconds = self.seconds(number) / EPOCHS
        for epoch in range(int(EPOCHS * self.skipped), EPOCHS):
            if seconds > 0.0:
                began = time.perf_counter()
                self.stopping.wait(seconds)
                self.waited += time.perf_counter() - began
            yield epoch


def study(waits: Waits) -> Study:
    """The study, trained by waiting so."""

    def train(_hp: Point, _data: None, run: Run) -> Outcome:
        for epoch in waits.epochs(run.number):
            run.report(epoch, metrics(run.number, epoch))
        return Outcome(parameters=50_890)

    return Study(name="waiting", space=Point, train=train, maximize=METRIC)


def metrics(number: int, epoch: int) -> dict[str, float]:
    """What an epoch reports. Each trial is better than those before."""
    height = number + epoch / EPOCHS
    return {"loss": 1.0, "accuracy": height, "val_loss": 1.0, METRIC: height}


def suggest(trial: "optuna.Trial") -> dict[str, Any]:
    """A point of the same space, as one asks for it in plain Optuna."""
    optimizer = trial.suggest_categorical("optimizer", OPTIMIZERS)
    return {
        "optimizer": optimizer,
        **({"momentum": trial.suggest_float("momentum", 0.0, 0.99)} if optimizer == "sgd" else {}),
        "learning_rate": trial.suggest_float("learning_rate", 1e-5, 1e-1, log=True),
        "batch_size": trial.suggest_categorical("batch_size", SIZES),
        "activation": trial.suggest_categorical("activation", ACTIVATIONS),
        "units": trial.suggest_int("units", 16, 512, log=True),
        "dropout": trial.suggest_float("dropout", 0.0, 0.5),
    }
