"""What the service adds to a trial

All of a trial that isn't training: taking it, asking the sampler for a point (TPE, multivariate, seven
factors), storing ten epochs and asking after each whether to prune (median), telling how it ended, the
heartbeat. Training waits instead, and the waiting is left out. By

- **ours**: the loop of `optisearch work`, which stores 14 user attributes of a trial, its epochs' table
  and its owner, and keeps a heartbeat;
- **plain Optuna**: `Study.optimize` with the same sampler, pruner, factors, epochs and attributes (all but
  the owner), through `optuna.load_study(storage=URL)`: on SQLite with the rollback journal that
  Optuna makes its files with (ours have a write-ahead log); without a heartbeat and without retries;
- **without attributes**: the same, which stores the parameters and the epochs' values and nothing else.

One worker takes trials without any waiting, one after another, 20 in each round. Eight workers, processes
of their own, have trials of 4 to 6 s, evenly spread over time, 3 in each round; what stands is
the median over all. Each round begins from a copy of the same database; the first trial of each worker,
which reads all that is stored, isn't counted. PostgreSQL runs on the same machine and commits to its disk
(`fsync` is on). Medians of the rounds with the least and the greatest; a ratio is taken within a round.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import optuna

from benchmarks.markdown import Goal, goals, table
from benchmarks.measuring import Spread, collected, interleaved, ratios
from benchmarks.overhead.asked import asked_by
from benchmarks.overhead.contenders import BARE, NAMES, OURS, PLAIN, milliseconds
from benchmarks.processes import note
from benchmarks.servers import Server, postgresql
from benchmarks.stored_trials import copied, filled
from benchmarks.waiting import Waits, study

SIZES, QUICK_SIZES = (0, 1_000, 10_000), (0, 1_000)
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
TRIAL_SECONDS, MANY = 5.0, 8
# Milliseconds of a trial of 5 s, by the number of stored trials.
SHARES = {1_000: 0.02, 10_000: 0.05}


@dataclass(frozen=True)
class Case:
    """What is compared: where, beside how many stored trials, by how many workers."""

    backend: str
    stored: int
    workers: int

    def __str__(self) -> str:
        return f"{self.backend}, {self.stored:,} stored trials"


Times = Mapping[str, list[float]]


class Databases:
    """Databases with stored trials, of which each measurement gets a copy of its own."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._folder, self._server, self._numbers = folder, server, count()
        self._names: dict[int, str] = {}

    def fill(self, trials: int) -> None:
        """One on each backend."""
        waiting = study(Waits(lambda _number: 0.0))
        name = filled(f"sqlite:///{self._file(trials)}", waiting, trials, more=100_000)
        filled(self._server.create(f"stored{trials}"), waiting, trials, more=100_000)
        self._names[trials] = name

    def _file(self, trials: int) -> Path:
        return self._folder / f"stored{trials}.db"

    def use(self, backend: str, trials: int, measure: Callable[[str, str], float]) -> float:
        """What a function of a database's URL and its stage's name measures on a copy."""
        name = f"copy{next(self._numbers)}"
        if backend == POSTGRESQL:
            url = self._server.create(name, f"stored{trials}")
            try:
                return measure(url, self._names[trials])
            finally:
                self._server.drop(name)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            file = copied(self._file(trials), Path(folder) / "copy.db")
            return measure(f"sqlite:///{file}", self._names[trials])


def run(quick: bool) -> str:
    """All tables.

    Args:
        quick: Without the 10,000 trials and the eight workers, and one round: about 30 seconds.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sizes = QUICK_SIZES if quick else SIZES
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        databases = Databases(folder, stack.enter_context(postgresql()))
        for trials in sizes:
            note(f"overhead: {trials:,} stored trials")
            databases.fill(trials)
        found = dict(_measured(databases, sizes, (1,) if quick else (1, MANY), quick=quick))
        asked = {each: asked_by(each, partial(databases.use, POSTGRESQL, 1_000)) for each in NAMES}
    parts = []
    for workers, title in ((1, "One worker"), (MANY, f"{MANY} workers, trials of 5 s")):
        cases = {case: times for case, times in found.items() if case.workers == workers}
        if cases:
            parts += [f"{title}; milliseconds of a trial beside its training:", _table(cases)]
    parts += ["What a trial asks of PostgreSQL at 1,000 stored trials:", _asked(asked)]
    return "\n\n".join([*parts, goals(_goals(found))])


def _measured(
    databases: Databases, sizes: Iterable[int], many: Iterable[int], *, quick: bool
) -> Iterator[tuple[Case, Times]]:
    for workers in many:
        for stored in sizes:
            for backend in (SQLITE, POSTGRESQL):
                case = Case(backend, stored, workers)
                note(f"overhead: {case}, {workers} workers")
                contenders = {
                    each: partial(
                        databases.use,
                        backend,
                        stored,
                        partial(
                            _milliseconds,
                            each,
                            workers=workers,
                            trials=(5 if quick else 20) if workers == 1 else 3,
                            seconds=0.0 if workers == 1 else TRIAL_SECONDS,
                        ),
                    )
                    for each in (NAMES if workers == 1 else (OURS, PLAIN))
                }
                rounds = 1 if quick else 3 if workers == 1 else 2
                yield case, collected(interleaved(contenders, rounds))


def _milliseconds(
    contender: str, url: str, name: str, *, workers: int, trials: int, seconds: float
) -> float:
    return milliseconds(contender, url, name, workers=workers, trials=trials, seconds=seconds)


def _table(found: Mapping[Case, Times]) -> str:
    """A row for each case: the times, and how many times the peers' ours is."""
    names = list(next(iter(found.values())))
    names = [each for each in NAMES if each in names]
    header = ["", *names, *(f"ours / {each}" for each in names[1:])]
    return table(
        header,
        [
            [
                case,
                *(Spread.of(times[each]) for each in names),
                *(Spread.of(ratios(times[OURS], times[each])) for each in names[1:]),
            ]
            for case, times in found.items()
        ],
    )


def _asked(found: Mapping[str, Mapping[str, float]]) -> str:
    """A row for each figure, a column for each contender."""
    rows = next(iter(found.values()))
    return table(
        ["a trial", *found],
        [[row, *(f"{each[row]:,.0f}" for each in found.values())] for row in rows],
    )


def _goals(found: Mapping[Case, Times]) -> Iterator[Goal]:
    for case, times in found.items():
        workers = "one worker" if case.workers == 1 else f"{case.workers} workers"
        beside = ratios(times[OURS], times[PLAIN])
        yield Goal(f"{case}, {workers}: times plain Optuna's", 1, beside, most=True)
    for case, times in found.items():
        if case.stored in SHARES:
            workers = "one worker" if case.workers == 1 else f"{case.workers} workers"
            percent = [each / (10 * TRIAL_SECONDS) for each in times[OURS]]
            wanted = 100 * SHARES[case.stored]
            yield Goal(f"{case}, {workers}: percent of a trial of 5 s", wanted, percent, most=True)


if __name__ == "__main__":
    print(run(quick="--quick" in sys.argv))
