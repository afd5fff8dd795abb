"""The database: an address becomes a connection that is ready, and errors become words.

The storage is Optuna's own `RDBStorage`: an OptiSearch database is an ordinary Optuna database.
What is added: SQLite's write-ahead log, time limits for servers (`servers`), many trials read at
once (`reading`), a lock that all workers share and transactions of several calls (`locks`,
`database`), and waiting for a database that is away (`outages`).
"""

from optisearch.storage.background import Background
from optisearch.storage.connecting import (
    COMMAND_LOCK_WAIT_SECONDS,
    WORKER_LOCK_WAIT_SECONDS,
    open_database,
    probe,
)
from optisearch.storage.database import Database
from optisearch.storage.outages import OUTAGE_SECONDS, Endurance
from optisearch.storage.places import check_place

__all__ = [
    "COMMAND_LOCK_WAIT_SECONDS",
    "OUTAGE_SECONDS",
    "WORKER_LOCK_WAIT_SECONDS",
    "Background",
    "Database",
    "Endurance",
    "check_place",
    "open_database",
    "probe",
]
