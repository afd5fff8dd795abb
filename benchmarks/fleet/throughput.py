"""Trials per second of workers that don't train at all, by how many they are."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks.markdown import table
from benchmarks.measuring import Spread, collected, interleaved, ratios
from benchmarks.overhead.contenders import OURS, PLAIN, Measure, WorkerDiedError, measured
from benchmarks.overhead.databases import BACKENDS, Databases
from benchmarks.processes import note

Rates = Mapping[str, list[float]]


@dataclass
class Rate(Measure):
    """One figure: how many trials a second a worker ended.

    Attributes:
        window: For how many seconds, and until the trial ends that it is at then.
    """

    window: float

    def _begin(self) -> None:
        self._began, self._ended = time.perf_counter(), 0

    def _note(self) -> bool:
        self._ended += 1
        seconds = time.perf_counter() - self._began
        if seconds < self.window:
            return False
        self.found.append(self._ended / seconds)
        return True


def throughput(
    databases: Databases, many: Iterable[int], *, rounds: int, window: float
) -> Iterator[tuple[str, int, Rates]]:
    """The trials per second of all workers together, ours and plain Optuna's in turn.

    Args:
        databases: Empty ones.
        many: How many workers there are.
        rounds: How often each is measured.
        window: For how many seconds.

    Yields:
        The backend, how many workers, and the rates by contender.
    """
    for backend in BACKENDS:
        for workers in many:
            note(f"fleet: {workers} workers at once on {backend}")
            contenders = {
                each: partial(
                    databases.use, backend, 0, partial(_rate, each, Rate(window), workers)
                )
                for each in (OURS, PLAIN)
            }
            yield backend, workers, collected(interleaved(contenders, rounds))


def _rate(contender: str, rate: Rate, workers: int, url: str, name: str) -> float:
    try:
        return sum(measured(contender, rate, workers, url, name))
    except WorkerDiedError as error:
        if contender == OURS:
            raise
        note(f"[red]{error}[/]")
        return math.nan


def rates(found: Iterable[tuple[str, int, Rates]]) -> str:
    """A row for each backend and number of workers."""
    return table(
        ["trials per second", OURS, PLAIN, f"{OURS} / {PLAIN}"],
        [
            [
                f"{backend}, {workers} worker{'s' if workers > 1 else ''}",
                *(Spread.of(of[each]) for each in (OURS, PLAIN)),
                Spread.of(ratios(of[OURS], of[PLAIN])),
            ]
            for backend, workers, of in found
        ],
    )
