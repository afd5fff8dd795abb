"""The database: an address becomes a connection that is ready, and errors become words.

The storage is Optuna's own `RDBStorage`: an OptiSearch database is an ordinary Optuna database.
What is added: SQLite's write-ahead log and a long wait for its lock, time limits on connecting,
many trials read at once (`reading`), and a lock that all workers share (`locks`).
"""

from optisearch.storage.connecting import (
    COMMAND_LOCK_WAIT_SECONDS,
    WORKER_LOCK_WAIT_SECONDS,
    open_database,
    probe,
)
from optisearch.storage.database import Database
from optisearch.storage.places import check_place

__all__ = [
    "COMMAND_LOCK_WAIT_SECONDS",
    "WORKER_LOCK_WAIT_SECONDS",
    "Database",
    "check_place",
    "open_database",
    "probe",
]
