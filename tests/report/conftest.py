"""Small stages as a worker would leave them in the database."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState, create_trial

from optisearch.reading import StageResults, read_stage

DISTRIBUTIONS: dict[str, BaseDistribution] = {
    "optimizer": CategoricalDistribution(["sgd", "adam"]),
    "learning_rate": FloatDistribution(1e-4, 1.0, log=True),
    "regularization": CategoricalDistribution(["none", "l2"]),
    "penalty": FloatDistribution(1e-6, 1e-2, log=True),
    "epochs": IntDistribution(1, 4),
}

MANIFEST: dict[str, Any] = {
    "format": 1,
    "name": "toy",
    "study": "toy",
    "title": "Toy: which optimizer learns | best?",
    "file": "studies/toy.py",
    "metric": "val_accuracy",
    "direction": "maximize",
    "space": {
        "name": "Toy",
        "factors": [
            {
                "name": "optimizer",
                "kind": "choice",
                "baseline": "adam",
                "levels": ["sgd", "adam"],
                "options": ["sgd", "adam"],
            },
            {
                "name": "learning_rate",
                "kind": "real",
                "baseline": 0.001,
                "low": 1e-4,
                "high": 1.0,
                "log": True,
            },
            {
                "name": "regularization",
                "kind": "choice",
                "baseline": "none",
                "levels": ["none", "l2"],
                "options": ["none", "l2"],
            },
            {
                "name": "penalty",
                "kind": "real",
                "baseline": 1e-4,
                "when": {"regularization": ["l2"]},
                "low": 1e-6,
                "high": 1e-2,
                "log": True,
            },
            {"name": "epochs", "kind": "integer", "baseline": 2, "low": 1, "high": 4},
        ],
        "fixed": {"units": 64},
    },
    "data": {
        "name": "toy",
        "fingerprint": "sha256:ab",
        "sizes": {"train": 1437, "validation": 180, "test": 180},
    },
    "versions": {"python": "3.11.7", "optuna": "5.0.0"},
}


class Stage:
    """Builds a stage trial by trial; trials are 10 s apart."""

    BEGAN = datetime(2024, 5, 1, 12, 0)  # naive and local, as Optuna's times are

    def __init__(self, *, declared: bool = True, budget: int | None = 20) -> None:
        storage = optuna.storages.InMemoryStorage()
        direction = optuna.study.StudyDirection.MAXIMIZE
        study_id = storage.create_new_study([direction], "toy/search")
        if declared:
            storage.set_study_system_attr(study_id, "optisearch:manifest", MANIFEST)
            settings = {"stage": "search", "sampler": "tpe", "pruner": "median", "seed": 0}
            storage.set_study_system_attr(study_id, "optisearch:settings", settings)
            limits = {"trials": budget, "patience": None}
            storage.set_study_system_attr(study_id, "optisearch:budget", limits)
        self.study = optuna.load_study(study_name="toy/search", storage=storage)

    @staticmethod
    def point(
        optimizer: str = "adam",
        learning_rate: float = 0.001,
        regularization: str = "none",
        epochs: int = 2,
        **more: Any,
    ) -> dict[str, Any]:
        return {
            "optimizer": optimizer,
            "learning_rate": learning_rate,
            "regularization": regularization,
            "epochs": epochs,
        } | more

    def add(
        self,
        ending: str,
        value: float | None = None,
        *,
        params: dict[str, Any] | None = None,
        seconds: float = 4.0,
        system: dict[str, Any] | None = None,
        **attributes: Any,
    ) -> "Stage":
        states = {
            "completed": TrialState.COMPLETE,
            "diverged": TrialState.COMPLETE,
            "pruned": TrialState.PRUNED,
            "running": TrialState.RUNNING,
            "waiting": TrialState.WAITING,
        }
        state = states.get(ending, TrialState.FAIL)
        params = self.point() if params is None else params
        user: dict[str, Any] = {"seed": 7, "worker": "vm:41"} | attributes
        if state.is_finished():
            user |= {
                "epochs_trained": 2,
                "seconds": seconds,
                "seconds_per_epoch": seconds / 2,
                "diverged": ending == "diverged",
                "end_reason": ending,
            }
        if ending == "completed" and value is not None:
            user |= {"best_epoch": 0, "best_val_accuracy": value, "val_accuracy": value}
        steps = {} if value is None else {0: value / 2, 1: value}
        trial = create_trial(
            state=state,
            value={"completed": value, "diverged": -math.inf}.get(ending),
            params=params,
            distributions={name: DISTRIBUTIONS[name] for name in params},
            user_attrs=user,
            system_attrs=system or {},
            intermediate_values=steps,
        )
        begun = self.BEGAN + timedelta(seconds=10 * len(self.study.trials))
        trial.datetime_start = None if ending == "waiting" else begun
        trial.datetime_complete = (
            begun + timedelta(seconds=seconds) if state.is_finished() else None
        )
        self.study.add_trial(trial)
        return self

    def read(self) -> StageResults:
        return read_stage(self.study)


@pytest.fixture
def new_stage() -> Callable[..., Stage]:
    return Stage


@pytest.fixture
def stage() -> StageResults:
    """Eight trials of a budget of 20: every ending, the baseline, a lost one that is repeated."""
    lost = {"optisearch:retry_of": 5, "optisearch:first_attempt": 5}
    return (
        Stage()
        .add("completed", 0.9, parameters=50890)
        .add("completed", 0.95, params=Stage.point("sgd", 0.1, epochs=4), seconds=8.0)
        .add("pruned", 0.4, params=Stage.point("sgd", 0.0002), seconds=1.0)
        .add("diverged", 0.1, params=Stage.point("sgd", 0.9), seconds=1.0)
        .add("failed", params=Stage.point("adam", 0.01), error="ValueError: a | b\nsecond line")
        .add("lost", params=Stage.point("adam", 0.02, "l2", penalty=1e-3))
        .add("completed", 0.92, params=Stage.point("adam", 0.02, "l2", penalty=1e-3), system=lost)
        .add("running", 0.5, params=Stage.point("adam", 0.003, epochs=3))
        .read()
    )


@pytest.fixture
def searched(new_stage: Callable[..., Stage]) -> StageResults:
    """40 completed trials: the learning rate decides, the optimizer doesn't."""
    built = new_stage(budget=40)
    for number in range(40):
        rate = 10 ** (-4 + 4 * ((number * 17) % 40) / 40)
        value = 0.9 - 0.05 * (math.log10(rate) + 2) ** 2
        built.add("completed", value, params=Stage.point(["sgd", "adam"][number % 2], rate))
    return built.read()
