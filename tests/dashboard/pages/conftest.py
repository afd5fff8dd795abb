"""A database in memory, its pages, and trials that end at once."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import optuna
import pytest
from starlette.applications import Starlette
from tests.dashboard.asking import Answer, ask

from optisearch.attempt import attempt
from optisearch.dashboard.pages import Gallery, documents, large, routes
from optisearch.dashboard.pages.kept import Kept
from optisearch.events import silence
from optisearch.lease import Owner
from optisearch.stage import Stage
from optisearch.storage import Database
from optisearch.study import Study
from optisearch.training import make_trainer


@pytest.fixture(autouse=True)
def _restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks gets what is new: these tests are quicker than any rest, or slower."""
    monkeypatch.setattr(Kept, "_rests", lambda _kept, _last: False)
    for module in (documents, large, sys.modules[routes.__module__]):
        monkeypatch.setattr(module, "_PATIENCE_SECONDS", 60.0)


@pytest.fixture
def database() -> Database:
    return Database.in_memory()


@pytest.fixture
def shown(database: Database) -> Iterator[Gallery]:
    """What is shown of that database."""
    found = Gallery(database)
    yield found
    found.close()


@pytest.fixture
def get(shown: Gallery) -> Callable[..., Answer]:
    """Asks for a page."""
    app = Starlette(routes=routes(shown))

    def got(path: str = "/", **headers: str) -> Answer:
        return ask(app, path=path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return got


@pytest.fixture
def train(parabola: Study, owner: Owner) -> Callable[[Stage, int], None]:
    """Trains trials of a stage."""
    trainer = make_trainer(parabola, None)

    def trained(stage: Stage, trials: int = 1) -> None:
        for _ in range(trials):
            trial = stage.take(owner)
            assert isinstance(trial, optuna.Trial)
            attempt(
                trial,
                parabola,
                trainer,
                database=stage.database,
                stopping=lambda: False,
                listener=silence,
            )

    return trained


@pytest.fixture
def plain(database: Database) -> Callable[..., optuna.Study]:
    """Makes an `optuna.Study` that isn't ours, with a trial for each of these values."""

    def made(name: str, *values: float, **how: Any) -> optuna.Study:
        study = optuna.create_study(study_name=name, storage=database.storage, **how)
        for value in values:
            trial = study.ask()
            trial.suggest_float("x", -1.0, 1.0)
            trial.report(value, 0)
            study.tell(trial, value)
        return study

    return made
