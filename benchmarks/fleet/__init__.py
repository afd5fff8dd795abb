"""Many workers

**Trials per second** of workers that train nothing at all, one trial after another: ten epochs are
stored of each, and after each is asked whether to prune (TPE, median pruner; from an empty database
on). Ours is the loop of `optisearch work`, plain Optuna is `Study.optimize` with the same sampler,
pruner, epochs and attributes. Workers are processes, counted from when each has ended a trial. All
of them and the database share this machine's cores.

**A trial beside others** is one worker's on PostgreSQL with 1,000 ended trials and so many in
training elsewhere, counted, the mean of 10 trials. A round trip is an answer that the worker waits
for: to statements, BEGIN, COMMIT, and the check of a connection before its use. Multiplied by your
network's latency they are what it adds to a trial. Multiplied by a fleet's trials per second (1,000
workers with trials of 60 s end 16.7), the server's processor time is the cores that it needs.

**Fleets** are simulated: each worker is a thread with connections, a cache of trials and a
heartbeat of its own, which takes, reports and tells through the same objects as `optisearch work`,
on a PostgreSQL that asks for passwords and commits to its disk. Trials take 60 s (ten epochs) and
heartbeats come each 10 s, in a time that passes as many times as fast as a row says. All start at
once, each somewhere in the middle of its first trial, whose taking is part of joining; figures are
of 20 s, from half a minute or one trial later on. A fleet keeps pace when it ends 95 % of the
trials (give or take one) that it would end if nothing but training took time. The server and all
clients share this machine's cores: clients would be elsewhere. In real time, a second sees what a
row says divided by its factor.
"""

import tempfile
from pathlib import Path

import optuna

from benchmarks.fleet.beside import beside, costs
from benchmarks.fleet.noted import Pace
from benchmarks.fleet.observing import Seen, observe, sights
from benchmarks.fleet.simulation import NotJoinedError
from benchmarks.fleet.throughput import rates, throughput
from benchmarks.overhead.contenders import OURS, PLAIN
from benchmarks.overhead.databases import Databases
from benchmarks.processes import note
from benchmarks.servers import Server, postgresql
from benchmarks.stored_trials import filled
from benchmarks.waiting import Waits, study

WORKERS, QUICK_WORKERS = (1, 2, 4, 8, 16), (1, 4)
OTHERS, QUICK_OTHERS = (0, 10, 100, 1_000), (0, 100)
# By how many workers a fleet has: how many times as fast as real time, until one keeps pace.
FACTORS = {1: (10.0,), 10: (10.0, 5.0), 100: (5.0, 2.0, 1.0), 1_000: (0.2, 0.1)}
QUICK_FACTORS = {10: (10.0,)}
# Ended trials that a fleet finds. Few: a simulated one holds all of its workers' caches at once.
STORED = 100
_SECONDS, _QUICK_SECONDS = 20.0, 6.0


def run(quick: bool) -> str:
    """All tables.

    Args:
        quick: Few workers, one round, a fleet of ten: about 30 seconds.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        databases = Databases(Path(folder), server)
        databases.fill(0)
        many = QUICK_WORKERS if quick else WORKERS
        rounds, window = (1, 2.0) if quick else (3, 8.0)
        at_once = rates(throughput(databases, many, rounds=rounds, window=window))
        note(at_once)
        others = costs(beside(server, QUICK_OTHERS if quick else OTHERS, (OURS, PLAIN)))
        note(others)
    factors = QUICK_FACTORS if quick else FACTORS
    with postgresql(max_connections=3 * max(factors)) as server:
        fleets = _fleets(server, factors, _QUICK_SECONDS if quick else _SECONDS)
    parts = (
        ("Trials per second:", at_once),
        ("A trial beside others:", others),
        ("Fleets:", sights(fleets)),
    )
    return "\n\n".join(part for title, body in parts for part in (title, body))


def _fleets(server: Server, factors: dict[int, tuple[float, ...]], seconds: float) -> list[Seen]:
    """Each at the first factor at which it keeps pace, and at those before."""
    waiting = study(Waits(lambda _number: 0.0))
    filled(server.create("ended"), waiting, STORED, more=1_000_000)
    found: list[Seen] = []
    for workers, faster in factors.items():
        for factor in faster:
            try:
                found.append(observe(server, "ended", Pace(workers, factor), seconds=seconds))
            except NotJoinedError as error:
                note(f"[red]{error}[/]")
                continue
            note(sights(found[-1:]))
            if found[-1].keeps_pace:
                break
    return found
