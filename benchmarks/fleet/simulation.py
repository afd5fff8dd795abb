"""Workers that don't train, many in one process: threads with all that a worker has of its own.

Each has its own connections, its own cache of trials, and a heartbeat thread; it takes, reports and
tells through the same objects as `optisearch work`. Time is scaled: at a factor of 10 a trial of
60 s takes 6 s, and a heartbeat comes each second.
"""

import gc
import multiprocessing
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Event as Flag
from typing import Any

import psutil
from optuna import Trial
from optuna.storages import _CachedStorage
from optuna.trial import FrozenTrial

from benchmarks.fleet.noted import Log, Pace
from benchmarks.waiting import EPOCHS, Waits, study
from optisearch.address import parse
from optisearch.attempt import attempt
from optisearch.events import Away, Event, Lost, silence
from optisearch.joining import open_stage
from optisearch.lease import Keeper, Owner
from optisearch.manifest import describe
from optisearch.settings import Wishes
from optisearch.storage import (
    OUTAGE_SECONDS,
    WORKER_LOCK_WAIT_SECONDS,
    Endurance,
    open_database,
)
from optisearch.training import make_trainer

_PROCESSES, _LOOK_SECONDS = 8, 5.0


class TimedKeeper(Keeper):
    """A worker's heartbeat thread that notes how long its beats take."""

    log: Log

    def _look(self) -> None:
        began = time.monotonic()
        super()._look()
        ended = time.monotonic()
        self.log.beats.append((ended, ended - began))


class NotJoinedError(Exception):
    """Some workers of a fleet have no trial yet."""


@dataclass
class Fleet:
    """Running workers.

    Attributes:
        processes: Theirs.
        joined: Is released by each worker when it has its first trial.
        stop: Ends them.
        logs: Where each process puts its `Log`.
    """

    processes: list[Any]
    joined: Any
    stop: Flag
    logs: Any

    def wait_until_joined(self, workers: int, seconds: float) -> None:
        """Until each has a trial.

        Raises:
            NotJoinedError: It takes longer than that.
        """
        deadline = time.monotonic() + seconds
        for _ in range(workers):
            if not self.joined.acquire(timeout=max(0.0, deadline - time.monotonic())):
                raise NotJoinedError(f"not all {workers} workers joined within {seconds} s")

    def cpu_seconds(self) -> float:
        """What all of them have used so far."""
        times = (psutil.Process(each.pid).cpu_times() for each in self.processes)
        return sum(each.user + each.system for each in times)

    def end(self) -> Log:
        """Ask them to end, and collect what they noted."""
        self.stop.set()
        log = Log()
        for _ in self.processes:
            log += self.logs.get(timeout=300)
        return log


@contextmanager
def fleet(url: str, pace: Pace) -> Iterator[Fleet]:
    """Start workers on a stage that has been created."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    started = Fleet([], context.Semaphore(0), context.Event(), context.Queue())
    processes = min(pace.workers, _PROCESSES)
    for first in range(processes):
        arguments = (url, pace, range(first, pace.workers, processes))
        started.processes.append(
            context.Process(
                target=_process, args=(*arguments, started.joined, started.stop, started.logs)
            )
        )
    try:
        for process in started.processes:
            process.start()
        yield started
    finally:
        for process in started.processes:
            process.kill()
            process.join()


def _process(url: str, pace: Pace, workers: range, joined: Any, stop: Flag, logs: Any) -> None:
    """Some of the workers."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Hundreds of caches in one process: to look for garbage among them takes what no worker has.
    gc.disable()
    _share_ended_trials()
    log, stopping = Log(), threading.Event()
    threads = [
        threading.Thread(target=_noted, args=(url, pace, number, joined, stopping, log))
        for number in workers
    ]
    for thread in threads:
        thread.start()
    starter = multiprocessing.parent_process()
    assert starter is not None
    while not stop.wait(_LOOK_SECONDS) and starter.is_alive():
        pass
    stopping.set()
    for thread in threads:
        thread.join(60)
    logs.put(log)
    logs.close()
    logs.join_thread()


def _share_ended_trials() -> None:
    """Among the caches of this process: they don't change, and would be there hundreds of times."""
    known: dict[int, FrozenTrial] = {}
    add = _CachedStorage._add_trials_to_cache

    def share(cache: _CachedStorage, study_id: int, trials: list[FrozenTrial]) -> None:
        shared = (
            known.setdefault(trial._trial_id, trial) if trial.state.is_finished() else trial
            for trial in trials
        )
        add(cache, study_id, list(shared))

    _CachedStorage._add_trials_to_cache = share  # type: ignore[method-assign]


def _noted(*arguments: Any) -> None:
    *_, joined, _stopping, log = arguments
    try:
        _work(*arguments)
    except Exception as error:
        log.errors.append(f"{type(error).__name__}: {str(error)[:200]}")
        joined.release()  # nobody shall wait for it


def _work(
    url: str, pace: Pace, number: int, joined: Any, stopping: threading.Event, log: Log
) -> None:
    """What `optisearch.worker.work` does, on a machine of its own name."""
    began = time.monotonic()
    waits = Waits(stopping=stopping, seconds=lambda _: pace.trial_seconds)
    waiting = study(waits)

    def listener(event: Event) -> None:
        if isinstance(event, Lost):
            log.lost.append(event.number)
        elif isinstance(event, Away):
            log.away.append(number)

    database = open_database(
        parse(url),
        create=True,
        lock_wait_seconds=WORKER_LOCK_WAIT_SECONDS,
        endurance=Endurance(OUTAGE_SECONDS, listener, leaving=stopping.is_set),
    )
    stage = open_stage(database, describe(waiting, None), Wishes(), max_epochs=EPOCHS)
    owner = replace(Owner.current(), host=f"host-{number}", heartbeat_seconds=pace.beat_seconds)
    trainer = make_trainer(waiting, None)
    keeper = TimedKeeper(database, stage.study._study_id, listener, pace.beat_seconds)
    keeper.log = log
    # The first trial is somewhere in the middle, another place for each.
    waits.skipped = number * 7919 % 1009 / 1009
    with keeper:
        while not stopping.is_set():
            asked = time.monotonic()
            trial = stage.take(owner)
            assert isinstance(trial, Trial)
            taken, waited = time.monotonic(), waits.waited
            if began:
                log.joined.append(taken - began)
                joined.release()
                began = 0.0
            else:
                log.takes.append((taken, taken - asked))
            with keeper.holding(trial._trial_id):
                attempt(
                    trial,
                    waiting,
                    trainer,
                    database=stage.database,
                    stopping=stopping.is_set,
                    listener=silence,
                )
            ended = time.monotonic()
            log.trials.append((ended, ended - taken - (waits.waited - waited)))
            waits.skipped = 0.0
