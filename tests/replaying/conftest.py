"""A study without Keras whose numbers follow from its seed, trained into a database of its own."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from rich.console import Console

from optisearch.address import Address
from optisearch.events import silence
from optisearch.job import Job
from optisearch.replaying import Recorded, find_trial, replay
from optisearch.settings import Wishes
from optisearch.storage import open_database
from optisearch.worker import ExitCode, Stop
from optisearch.worker_process import run_worker

HILL = '''"""Hill: how high is it?"""

import random
from dataclasses import dataclass

import optuna

from optisearch import Comparison, Study, real


@dataclass(frozen=True)
class Point:
    """A point on a hill. `Point()` is the baseline."""

    x: float = real(-1.0, 1.0, baseline=0.5)
    epochs: int = 3


def train(hp, _data, run):
    dice = random.Random(run.seed)
    for epoch in range(hp.epochs):
        run.report(epoch, {"height": -hp.x**2 + dice.random() / 100, "depth": hp.x**2 + EXTRA})


EXTRA = 0.0

study = Study(
    name="hill",
    space=Point,
    train=train,
    maximize="height",
    comparisons=[Comparison("x", levels=(0.5, 0.25))],
)
'''


@dataclass
class Hill:
    """The study file, and the database.

    Attributes:
        file: The file.
        address: The database.
    """

    file: Path
    address: Address

    def change(self, before: str, after: str) -> None:
        """Replace something in the file."""
        text = self.file.read_text()
        assert before in text
        self.file.write_text(text.replace(before, after))

    def train(self, kind: str = "search", **wishes: Any) -> None:
        """Train a stage to its end."""
        given = {"search": {"trials": 2, "pruner": "none"}}.get(kind, {"seeds": 3})
        job = Job(self.file, self.address, Wishes(**(given | wishes)), stage=kind)  # type: ignore[arg-type]
        assert run_worker(job, silence, Stop()) == ExitCode.DONE

    def recorded(self, number: int | None = 0, name: str = "hill") -> Recorded:
        return find_trial(open_database(self.address, create=False), name, number)

    def replay(
        self, number: int = 0, name: str = "hill", file: Path | None = None
    ) -> tuple[ExitCode, str]:
        """The exit code, and what is said."""
        said = StringIO()
        console = Console(file=said, width=100, highlight=False)
        return replay(self.address, name, number, file, console), said.getvalue()


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """A replay sets what TensorFlow would have to be told: not for the tests after it."""
    with patch.dict(os.environ):
        yield


@pytest.fixture
def hill(tmp_path: Path, sqlite: Address) -> Hill:
    file = tmp_path / "hill.py"
    file.write_text(HILL)
    return Hill(file, sqlite)


@pytest.fixture
def trained(hill: Hill) -> Hill:
    """After a search of two trials."""
    hill.train()
    return hill


@pytest.fixture
def sqlite_dump(sqlite: Address) -> Callable[[], list[str]]:
    """All that is stored."""
    import contextlib
    import sqlite3

    def dumped() -> list[str]:
        with contextlib.closing(sqlite3.connect(str(sqlite.path))) as connection:
            return list(connection.iterdump())

    return dumped
