"""Workers whose training only waits: what else their trials take, each in a process of its own."""

import multiprocessing
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any

import optuna

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
class Periods:
    """The time between the ends of trials, less what they waited.

    The first trial reads all that is stored and fills caches; it is left out.

    Attributes:
        trials: How many periods are wanted.
        waits: Counts what the trials wait.
        ready: Is called after the first trial, and returns when the others may begin.
        milliseconds: What was found.
    """

    trials: int
    waits: Waits
    ready: Callable[[], None]
    milliseconds: list[float] = field(default_factory=list)
    _last: tuple[float, float] | None = None

    @property
    def is_begun(self) -> bool:
        """Whether the first trial has ended."""
        return self._last is not None

    def ended(self) -> bool:
        """A trial has ended. Returns whether there are enough."""
        now, waited = time.perf_counter(), self.waits.waited
        if self._last is None:
            self.ready()
            now = time.perf_counter()
        else:
            seconds = now - self._last[0] - (waited - self._last[1])
            self.milliseconds.append(1000 * seconds)
        self._last = (now, waited)
        return len(self.milliseconds) >= self.trials


def ours(url: str, _name: str, _number: int, periods: Periods) -> None:
    """`optisearch work`, from the moment when its study is loaded."""
    waiting, stop = study(periods.waits), Stop()

    def listener(event: Event) -> None:
        if isinstance(event, Ended) and periods.ended():
            stop.asked.set()

    database = open_database(parse(url), create=True, lock_wait_seconds=WORKER_LOCK_WAIT_SECONDS)
    stage = open_stage(database, describe(waiting, None), Wishes(), max_epochs=EPOCHS)
    work(stage, waiting, make_trainer(waiting, None), stop=stop, listener=listener)


def plain(url: str, name: str, number: int, periods: Periods, *, attributes: bool = True) -> None:
    """`Study.optimize` as Optuna's documentation has it, with the sampler and pruner of ours.

    Args:
        attributes: Store of each trial what ours does, but its owner.
    """
    if url.startswith("sqlite:"):
        # As Optuna makes its files: the write-ahead log of the copied one is ours.
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    loaded = optuna.load_study(
        study_name=name,
        storage=url.replace("postgresql:", "postgresql+psycopg:"),
        sampler=make_sampler("tpe", 0, number),
        pruner=make_pruner("median", EPOCHS),
    )

    def objective(trial: optuna.Trial) -> float:
        suggest(trial)
        rows = []
        for epoch in periods.waits.epochs(trial.number):
            rows.append({"epoch": epoch, "seconds": 0.3, **metrics(trial.number, epoch)})
            trial.report(rows[-1][METRIC], epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        if attributes:
            for key, value in _attributes(trial.number, rows).items():
                trial.set_user_attr(key, value)
        return float(rows[-1][METRIC])

    def callback(loaded: optuna.Study, _trial: optuna.trial.FrozenTrial) -> None:
        if periods.ended():
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
_CONTENDERS: dict[str, Callable[[str, str, int, Periods], None]] = {
    OURS: ours,
    PLAIN: plain,
    BARE: partial(plain, attributes=False),
}


def milliseconds(
    contender: str, url: str, name: str, *, workers: int, trials: int, seconds: float
) -> float:
    """The median of what a trial takes beside its training, over all trials of all workers.

    Args:
        contender: One of `NAMES`.
        url: A database that is its own.
        name: The stage that is in it.
        workers: How many processes there are.
        trials: How many trials are measured of each.
        seconds: How long a trial trains, that is, waits: from four fifths to six fifths of it.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    barrier, results = context.Barrier(workers), context.Queue()
    processes = [
        context.Process(
            target=_process,
            args=(contender, url, name, number, workers, trials, seconds, barrier, results),
        )
        for number in range(workers)
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
        return median(found)
    finally:
        for process in processes:
            process.join(10)
            process.kill()


def _process(
    contender: str,
    url: str,
    name: str,
    number: int,
    workers: int,
    trials: int,
    seconds: float,
    barrier: Any,
    results: Any,
) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def length(trial: int) -> float:
        """Different for each, and none for the first, which isn't measured."""
        return seconds * (0.8 + 0.4 * (trial * 7919 % 1009) / 1009) if periods.is_begun else 0.0

    def ready() -> None:
        barrier.wait(_PATIENCE_SECONDS)
        time.sleep(seconds * number / workers)  # or all would begin and end at once

    periods = Periods(trials, Waits(length), ready)
    try:
        _CONTENDERS[contender](url, name, number, periods)
    except Exception as error:
        barrier.abort()
        results.put(RuntimeError(f"{contender}: {error!r}"))
    else:
        results.put(periods.milliseconds)
