"""What the service adds to a trial

All of a trial that isn't training: taking it, asking the sampler for a point (TPE, multivariate,
six or seven factors), storing ten epochs and asking after each whether to prune (median), telling
how it ended; a heartbeat beside. Training waits instead, and the waiting is left out. By

- **ours**: the loop of `optisearch work`, which stores 14 user attributes of a trial, the table of
  its epochs and its owner;
- **plain Optuna**: `Study.optimize` with the same sampler, pruner, factors and epochs, which stores
  the same (but for the owner) by `trial.set_user_attr`, through an `RDBStorage(URL)`: on SQLite
  with the rollback journal that Optuna makes its files with, where ours have a write-ahead log, and
  with ours' time to wait for the lock; without a heartbeat, and without waiting for a database that
  went away;
- **without attributes**: the same, which stores parameters and the epochs' values, nothing else.

One worker takes trials that don't wait, one after another, 20 in each round. Eight workers have
trials of 4 to 6 s that end evenly spread over time, 3 each in a round; what stands is the median of
all of them. Workers are processes; each round begins with a copy of the same database; the first
trial of each worker, which reads all that is stored, isn't counted. PostgreSQL is on the same
machine and commits to its disk (`fsync` is on). Medians of the rounds with the least and the
greatest; a ratio is taken within a round. A peer of which a worker dies takes infinitely long.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import optuna

from benchmarks.markdown import Goal, goals, table
from benchmarks.measuring import Spread, collected, digits, interleaved, ratios
from benchmarks.overhead.asked import ALWAYS, Figures, asked_by
from benchmarks.overhead.contenders import NAMES, OURS, PLAIN, Periods, median_of
from benchmarks.overhead.databases import BACKENDS, POSTGRESQL, Databases
from benchmarks.processes import note
from benchmarks.servers import postgresql

SIZES, QUICK_SIZES = (0, 1_000, 10_000), (0, 1_000)
TRIAL_SECONDS, MANY = 5.0, 8
# A kind of statement is shown from so many a trial on.
OFTEN = 3
# The share of a trial of 5 s, by the number of stored trials.
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
        asked = {
            each: databases.use(POSTGRESQL, 1_000, partial(asked_by, each, databases.server))
            for each in NAMES
        }
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
            for backend in BACKENDS:
                case = Case(backend, stored, workers)
                note(f"overhead: {case}, {workers} workers")
                measure = (
                    Periods(5 if quick else 20)
                    if workers == 1
                    else Periods(3, workers, seconds=TRIAL_SECONDS)
                )
                contenders = {
                    each: partial(databases.use, backend, stored, partial(median_of, each, measure))
                    for each in (NAMES if workers == 1 else (OURS, PLAIN))
                }
                rounds = 1 if quick else 3 if workers == 1 else 2
                times = collected(interleaved(contenders, rounds))
                note(", ".join(f"{each} {Spread.of(times[each])}" for each in contenders))
                yield case, times


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


def _asked(found: Mapping[str, Figures]) -> str:
    """A row for each figure, and for each kind of statement that one of them makes often."""
    rows = [row for row in ALWAYS if all(row in each for each in found.values())]
    often = {row for each in found.values() for row, value in each.items() if value >= OFTEN}
    rows += sorted(often - {*rows}, key=lambda row: -found[OURS].get(row, 0.0))
    return table(
        ["of a trial", *found],
        [
            [f"`{row}`" if row not in ALWAYS else row]
            + [digits(each.get(row, 0.0)) for each in found.values()]
            for row in rows
        ],
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
