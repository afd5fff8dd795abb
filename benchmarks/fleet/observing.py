"""What a server and its clients do meanwhile, as the server itself and the system count it."""

import time
from dataclasses import dataclass, fields
from statistics import median

from benchmarks.fleet.noted import Log, Pace
from benchmarks.fleet.simulation import Fleet, fleet
from benchmarks.markdown import table
from benchmarks.measuring import digits
from benchmarks.processes import note
from benchmarks.servers import Server

# https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW
_COUNTS = """
SELECT xact_commit + xact_rollback, tup_returned + tup_fetched, tup_inserted + tup_updated,
       (SELECT wal_bytes FROM pg_stat_wal)
FROM pg_stat_database WHERE datname = current_database()
"""
_CLIENTS = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
_JOIN_SECONDS, _SETTLING_SECONDS = 900, 30.0
# Who ends so much of what was to be ended keeps pace, give or take a trial.
KEEPS_PACE = 0.95


@dataclass(frozen=True)
class Counts:
    """What was used up to a moment."""

    moment: float
    transactions: float
    rows_read: float
    rows_written: float
    wal_bytes: float
    server_cores: float
    client_cores: float

    @classmethod
    def of(cls, server: Server, database: str, clients: Fleet) -> "Counts":
        counts = map(float, server.rows(_COUNTS, database)[0])
        return cls(time.monotonic(), *counts, server.cpu_seconds(), clients.cpu_seconds())

    def per_second(self, later: "Counts") -> "Counts":
        """From this moment to the later one; `moment` is 1."""
        seconds = later.moment - self.moment
        changes = (getattr(later, each.name) - getattr(self, each.name) for each in fields(self))
        return Counts(*(change / seconds for change in changes))


@dataclass(frozen=True)
class Seen:
    """A fleet at work, over some seconds.

    Attributes:
        pace: The fleet.
        seconds: How long it was looked at.
        log: What its workers noted meanwhile.
        counts: What was used, a second.
        connections: How many the server had open.
    """

    pace: Pace
    seconds: float
    log: Log
    counts: Counts
    connections: int

    @property
    def rate(self) -> float:
        """The trials that ended, a second."""
        return len(self.log.trials) / self.seconds

    @property
    def keeps_pace(self) -> bool:
        wanted = self.seconds * self.pace.trials_per_second
        return len(self.log.trials) + 1 >= KEEPS_PACE * wanted


def observe(server: Server, template: str, pace: Pace, *, seconds: float) -> Seen:
    """Let a fleet work on a copy of a database, and look on.

    Args:
        server: The server.
        template: The database.
        pace: The fleet.
        seconds: How long, from when each worker has a trial.
    """
    note(f"fleet: {pace.workers:,} workers, {pace.factor:g} times as fast as real ones")
    database = f"fleet{pace.workers}x{pace.factor:g}"
    url = server.create(database, template)
    with fleet(url, pace) as clients:
        clients.wait_until_joined(pace.workers, _JOIN_SECONDS)
        time.sleep(min(pace.trial_seconds, _SETTLING_SECONDS))  # all have begun at once
        before = Counts.of(server, database, clients)
        time.sleep(seconds)
        after = Counts.of(server, database, clients)
        connections = int(server.rows(_CLIENTS, database)[0][0])
        log = clients.end().within(before.moment, after.moment)
    server.drop(database)
    for error in log.errors[:3]:
        note(f"[red]{error}[/]")
    return Seen(pace, after.moment - before.moment, log, before.per_second(after), connections)


_HEADER = (
    *("workers", "times real time", "trials a second, wanted", "ended", "keeps pace"),
    *("joining, s", "`take`, ms", "the rest beside training, ms", "heartbeat, ms"),
    *("taken for lost", "took the database for away", "workers that failed"),
    *("transactions a second", "rows read", "rows written", "MB of log"),
    *("server's cores", "clients' cores", "connections"),
)


def sights(found: list[Seen]) -> str:
    """A row for each figure, a column for each fleet."""
    columns = [_column(seen) for seen in found]
    rows = zip(*columns, strict=True)
    head, *body = ([what, *cells] for what, cells in zip(_HEADER, rows, strict=True))
    return table(head, body)


def _column(seen: Seen) -> list[str]:
    log, counts = seen.log, seen.counts
    takes, trials, beats = (each or [(0.0, 0.0)] for each in (log.takes, log.trials, log.beats))
    return [
        f"{seen.pace.workers:,}",
        f"{seen.pace.factor:g}",
        digits(seen.pace.trials_per_second),
        digits(seen.rate),
        "yes" if seen.keeps_pace else "**no**",
        digits(median(log.joined)),
        digits(1000 * median(took for _, took in takes)),
        digits(1000 * median(rest for _, rest in trials)),
        digits(1000 * median(took for _, took in beats)),
        f"{len(log.lost)}",
        f"{len(log.away)}",
        f"{len(log.errors)}",
        digits(counts.transactions),
        digits(counts.rows_read),
        digits(counts.rows_written),
        digits(counts.wal_bytes / 1e6),
        digits(counts.server_cores),
        digits(counts.client_cores),
        f"{seen.connections:,}",
    ]
