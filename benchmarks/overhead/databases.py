"""Databases that hold stored trials, and a copy of one for each measurement."""

import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TypeVar

from benchmarks.servers import Server
from benchmarks.stored_trials import copied, filled
from benchmarks.waiting import Waits, study

BACKENDS = SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"

T = TypeVar("T")


class Databases:
    """Databases with stored trials, of which each measurement gets a copy of its own."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        self._folder, self._numbers = folder, count()
        self._names: dict[int, str] = {}

    def fill(self, trials: int) -> None:
        """One on each backend."""
        waiting = study(Waits(lambda _number: 0.0))
        name = filled(f"sqlite:///{self._file(trials)}", waiting, trials, more=100_000)
        filled(self.server.create(f"stored{trials}"), waiting, trials, more=100_000)
        self._names[trials] = name

    def _file(self, trials: int) -> Path:
        return self._folder / f"stored{trials}.db"

    def use(self, backend: str, trials: int, measure: Callable[[str, str], T]) -> T:
        """What a function of a database's URL and its stage's name measures on a copy."""
        name = f"copy{next(self._numbers)}"
        if backend == POSTGRESQL:
            url = self.server.create(name, f"stored{trials}")
            try:
                return measure(url, self._names[trials])
            finally:
                self.server.drop(name)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            file = copied(self._file(trials), Path(folder) / "copy.db")
            return measure(f"sqlite:///{file}", self._names[trials])
