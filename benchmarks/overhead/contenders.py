"""Workers whose training only waits: what else their trials take, each in a process of its own."""

import math
import multiprocessing
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any

import optuna

from benchmarks.processes import note
from benchmarks.waiting import EPOCHS, METRIC, Waits, metrics, study, suggest
from optisearch import record
from optisearch.address import parse
from optisearch.events import Ended, Event
from optisearch.joining import open_stage
from optisearch.manifest import describe
from optisearch.pruners import make_pruner
from optisearch.samplers import make_sampler
from optisearch.settings import Wishes
from optisearch.storage import WORKER_LOCK_WAIT_SECONDS, open_database
from optisearch.training import make_trainer
from optisearch.worker import Stop, work

_PATIENCE_SECONDS = 600


@dataclass
class Measure:
    """What is measured of a worker, trial by trial, from the second one on.

    The first one reads all that is stored and fills caches. Then all workers wait for one another.

    Attributes:
        found: What was measured.
    """

    found: list[float] = field(default_factory=list, init=False)

    def start(self, number: int, barrier: Any) -> None:
        """The worker of this number starts."""
        self._number, self._barrier = number, barrier
        self._is_begun = False
        self.waits = Waits(self._seconds)

    def ended(self) -> bool:
        """A trial has ended. Returns whether that is enough."""
        if self._is_begun:
            return self._note()
        self._is_begun = True
        self._barrier.wait(_PATIENCE_SECONDS)
        self._begin()
        return False

    def _seconds(self, _trial: int) -> float:
        """How long a trial trains."""
        return 0.0

    def _begin(self) -> None:
        """All may begin."""

    def _note(self) -> bool:
        raise NotImplementedError


@dataclass
class Periods(Measure):
    """The milliseconds between the ends of two trials, less what the second one waited.

    Attributes:
        trials: How many are wanted of each worker.
        workers: How many workers there are.
        seconds: How long a trial waits: from four fifths to six fifths of it.
    """

    trials: int
    workers: int = 1
    seconds: float = 0.0

    def _seconds(self, trial: int) -> float:
        spread = 0.8 + 0.4 * (trial * 7919 % 1009) / 1009
        return self.seconds * spread if self._is_begun else 0.0

    def _begin(self) -> None:
        # Or all would begin and end at once.
        time.sleep(self.seconds * self._number / self.workers)
        self._last = (time.perf_counter(), self.waits.waited)

    def _note(self) -> bool:
        now = (time.perf_counter(), self.waits.waited)
        period, waited = (after - before for after, before in zip(now, self._last, strict=True))
        self._last = now
        self.found.append(1000 * (period - waited))
        return len(self.found) >= self.trials


def ours(url: str, _name: str, _number: int, measure: Measure) -> None:
    """`optisearch work`, from the moment when its study is loaded."""
    waiting, stop = study(measure.waits), Stop()

    def listener(event: Event) -> None:
        if isinstance(event, Ended) and measure.ended():
            stop.asked.set()

    database = open_database(parse(url), create=True, lock_wait_seconds=WORKER_LOCK_WAIT_SECONDS)
    stage = open_stage(database, describe(waiting, None), Wishes(), max_epochs=EPOCHS)
    work(stage, waiting, make_trainer(waiting, None), stop=stop, listener=listener)


def plain(url: str, name: str, number: int, measure: Measure, *, attributes: bool = True) -> None:
    """`Study.optimize` as Optuna's documentation has it, with the sampler and pruner of ours.

    On SQLite it waits for the lock as long as ours: with its default of 5 s workers die of it.
    https://optuna.readthedocs.io/en/stable/faq.html (parallel optimization with SQLite3)

    Args:
        attributes: Store of each trial what ours does, but its owner.
    """
    patience = {"connect_args": {"timeout": WORKER_LOCK_WAIT_SECONDS}}
    loaded = optuna.load_study(
        study_name=name,
        storage=optuna.storages.RDBStorage(
            url.replace("postgresql:", "postgresql+psycopg:"),
            engine_kwargs=patience if url.startswith("sqlite:") else {},
        ),
        sampler=make_sampler("tpe", 0, number),
        pruner=make_pruner("median", EPOCHS),
    )

    def objective(trial: optuna.Trial) -> float:
        suggest(trial)
        rows = []
        for epoch in measure.waits.epochs(trial.number):
            rows.append({"epoch": epoch, "seconds": 0.3, **metrics(trial.number, epoch)})
            trial.report(rows[-1][METRIC], epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        if attributes:
            for key, value in _attributes(trial.number, rows).items():
                trial.set_user_attr(key, value)
        return float(rows[-1][METRIC])

    def callback(loaded: optuna.Study, _trial: optuna.trial.FrozenTrial) -> None:
        if measure.ended():
            loaded.stop()

    loaded.optimize(objective, callbacks=[callback])


def _attributes(number: int, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What ours stores of a trial, by the same names."""
    return {
        record.SEED: number,
        record.WORKER: "host:1234",
        record.SECONDS: 3.0,
        record.SECONDS_PER_EPOCH: 0.3,
        record.EPOCHS_TRAINED: len(rows),
        record.DIVERGED: False,
        record.END_REASON: "completed",
        record.PARAMETERS: 50_890,
        record.BEST_EPOCH: rows[-1]["epoch"],
        f"{record.BEST_PREFIX}{METRIC}": rows[-1][METRIC],
        **metrics(number, rows[-1]["epoch"]),
        record.HISTORY: rows,
    }


OURS, PLAIN, BARE = NAMES = ("ours", "plain Optuna", "without attributes")
CONTENDERS: dict[str, Callable[[str, str, int, Measure], None]] = {
    OURS: ours,
    PLAIN: plain,
    BARE: partial(plain, attributes=False),
}


class WorkerDiedError(Exception):
    """One of a contender's workers did."""


def median_of(contender: str, measure: Periods, url: str, name: str) -> float:
    """Milliseconds of a trial beside its training, the median of all trials of all workers.

    Infinite for a peer of which a worker died.
    """
    try:
        return median(measured(contender, measure, measure.workers, url, name))
    except WorkerDiedError as error:
        if contender == OURS:
            raise
        note(f"[red]{error}[/]")
        return math.inf


def measured(contender: str, measure: Measure, workers: int, url: str, name: str) -> list[float]:
    """What is measured of workers, each of which is a process.

    Args:
        contender: One of `NAMES`.
        measure: What is measured of each.
        workers: How many there are.
        url: The database.
        name: The stage in it.

    Raises:
        WorkerDiedError: One of them did.
    """
    if contender != OURS:
        _as_optuna_makes_it(url)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    barrier, results = context.Barrier(workers), context.Queue()
    processes = [
        context.Process(target=_work, args=(contender, measure, url, name, each, barrier, results))
        for each in range(workers)
    ]
    try:
        for process in processes:
            process.start()
        found: list[float] = []
        for _ in processes:
            result = results.get(timeout=_PATIENCE_SECONDS)
            if isinstance(result, Exception):
                raise result
            found += result
        return found
    finally:
        for process in processes:
            process.join(10)
            process.kill()


def _as_optuna_makes_it(url: str) -> None:
    """A file with a rollback journal: the copied one's write-ahead log is ours."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")


def _work(*arguments: Any) -> None:
    contender, measure, url, name, number, barrier, results = arguments
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    measure.start(number, barrier)
    try:
        CONTENDERS[contender](url, name, number, measure)
    except Exception as error:
        barrier.abort()
        results.put(WorkerDiedError(f"{contender}: {str(error)[:200] or error!r}"))
    else:
        results.put(measure.found)
