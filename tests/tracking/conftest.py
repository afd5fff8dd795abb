"""A trial to tell of, and the tools that it is told to."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from optisearch.address import parse
from optisearch.tracking import TOOLS
from optisearch.tracking.interface import Place, Row, Subject, Tool

from . import reading
from .reading import Found

# What of a person's own settings would send the runs elsewhere.
_THEIRS = (
    *("OPTISEARCH_TENSORBOARD", "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"),
    *("WANDB_DIR", "WANDB_PROJECT", "WANDB_BASE_URL", "WANDB_API_KEY"),
)


@dataclass(frozen=True)
class Told:
    """A tool that has its runs in a folder of the test's own."""

    name: str
    tool: Tool
    read: Callable[[], dict[str, Found]]


@pytest.fixture
def tools_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but the test's, and nobody logged in."""
    for name in _THEIRS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WANDB_MODE", "offline")


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store of MLflow's: its tables take seconds."""
    file = tmp_path_factory.mktemp("mlflow") / "empty.db"
    TOOLS["mlflow"].open(Place(f"sqlite:///{file}", ""))
    return file


@pytest.fixture(params=TOOLS)
def told(
    request: pytest.FixtureRequest, tools_of_their_own: None, mlflow_template: Path, tmp_path: Path
) -> Told:
    """Each of the tools in turn."""
    name = request.param
    if name == "mlflow":
        shutil.copy(mlflow_template, tmp_path / "r.mlflow.db")
    place = TOOLS[name].place({"WANDB_MODE": "offline"}, parse(f"sqlite:///{tmp_path}/r.db"))
    return Told(name, TOOLS[name].open(place), lambda: getattr(reading, name)(place.where))


@pytest.fixture
def subject() -> Subject:
    """Trial 7, with a hyperparameter of each kind."""
    return Subject(
        stage="mnist/search",
        number=7,
        params={"rate": 0.25, "optimizer": "adam", "units": 64, "bias": True, "nothing": None},
        seed=2**31 - 1,
        started=datetime(2026, 1, 2, 3, 4, 5),
        storage="sqlite:///r.db",
        worker="here:12",
        key="0123456789abcdef",
    )


@pytest.fixture
def rows() -> list[Row]:
    """Three epochs."""
    return [
        {"epoch": epoch, "seconds": 0.5, "loss": 1.0 / 2**epoch, "val_accuracy": epoch / 4}
        for epoch in range(3)
    ]
