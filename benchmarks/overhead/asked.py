"""What a trial asks of PostgreSQL, counted; and what its worker and the server compute for it."""

import threading
import time
from dataclasses import dataclass

import optuna

from benchmarks.overhead.contenders import CONTENDERS, Measure
from benchmarks.processes import apart
from benchmarks.servers import Server
from benchmarks.statements import Asked

TRIALS = 10
ROUND_TRIPS, STATEMENTS, TRANSACTIONS = "round trips", "statements", "transactions"
OWN_CPU, SERVER_CPU = "milliseconds of the worker's processor", "of the server's"
ALWAYS = (ROUND_TRIPS, STATEMENTS, TRANSACTIONS, OWN_CPU, SERVER_CPU)

Figures = dict[str, float]


@dataclass
class _Counting(Measure):
    """Counts all that some trials need."""

    server: Server

    def _begin(self) -> None:
        self._asked = Asked()
        self._asked.listen()
        self._trials = 0
        self._own, self._theirs = time.process_time(), self.server.cpu_seconds()

    def _note(self) -> bool:
        self._trials += 1
        if self._trials < TRIALS:
            return False
        totals = {
            ROUND_TRIPS: self._asked.round_trips,
            STATEMENTS: self._asked.statements.total(),
            TRANSACTIONS: self._asked.transactions,
            OWN_CPU: 1000 * (time.process_time() - self._own),
            SERVER_CPU: 1000 * (self.server.cpu_seconds() - self._theirs),
            **self._asked.statements,
        }
        self.figures = {what: total / TRIALS for what, total in totals.items()}
        return True


def asked_by(contender: str, server: Server, url: str, name: str) -> Figures:
    """The figures of a trial of one worker, the mean of some."""
    return apart(_count, contender, server, url, name)


def _count(contender: str, server: Server, url: str, name: str) -> Figures:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    counting = _Counting(server)
    counting.start(0, threading.Barrier(1))
    CONTENDERS[contender](url, name, 0, counting)
    return counting.figures
