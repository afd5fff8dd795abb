"""Stages to publish, as the report's tests build them, and databases that hold them."""

from collections.abc import Callable
from typing import Any

import optuna
import pytest
from tests.report.conftest import Stage, new_stage, searched, stage
from tests.report.figures.conftest import history, recorded

from optisearch.address import Address
from optisearch.storage import Database, open_database

__all__ = ["new_stage", "recorded", "searched", "stage"]


class Stored:
    """A stage in a database, to which trials are added."""

    def __init__(self, database: Database, *, declared: bool = True) -> None:
        built = Stage(declared=declared)
        before = built.study
        built.study = optuna.create_study(
            study_name="toy/search", storage=database.storage, direction="maximize"
        )
        self.database, self.study_id = database, built.study._study_id
        for key, value in before._storage.get_study_system_attrs(before._study_id).items():
            database.storage.set_study_system_attr(self.study_id, key, value)
        self.built = built

    @property
    def study(self) -> optuna.Study:
        return self.built.study

    @property
    def attributes(self) -> dict[str, Any]:
        return self.database.storage.get_study_system_attrs(self.study_id)

    def add(self, trials: int = 1) -> "Stored":
        for _ in range(trials):
            value = 0.5 + len(self.study.trials) / 1000
            self.built.add("completed", value, system=history(0.1, value))
        return self


@pytest.fixture
def stored(sqlite: Address) -> Stored:
    """A stage of two trials, in a SQLite file."""
    return Stored(open_database(sqlite, create=True)).add(2)


@pytest.fixture
def again(sqlite: Address) -> Callable[[], Database]:
    """Opens the same database over connections of its own."""
    return lambda: open_database(sqlite, create=False, lock_wait_seconds=60)
