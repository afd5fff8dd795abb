"""Database errors → one sentence on what is wrong and one on what to do, never with a password.

Drivers report everything as `OperationalError`; what tells the cases apart is their text. The text
itself isn't shown unless it is of none of the known kinds, and then without what follows the
driver's first line (SQLAlchemy appends the statement and its parameters).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from shutil import disk_usage

from optisearch.address import Address
from optisearch.errors import OptisearchError, OutageError, StorageError

# Of PostgreSQL's error, and of ours.
_IN_USE = "lock timeout"
# (a part of the driver's message, what happened, what to do), the first match counts.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        "password authentication failed",
        "the server refuses the user or the password",
        "Check both; the password may also come from ~/.pgpass",
    ),
    (
        "no password supplied",
        "the server asks for a password",
        "Put it into OPTISEARCH_STORAGE or ~/.pgpass",
    ),
    (
        "access denied for user",
        "the server refuses the user or the password",
        "Check both, and that the user may use the database",
    ),
    ("unknown database", "there is no such database on the server", "Create it first"),
    ("does not exist", "the server knows no such database or user", "Create it first"),
    ("failed to resolve host", "the host name is unknown", "Check the host in the URL"),
    ("name or service not known", "the host name is unknown", "Check the host in the URL"),
    ("could not translate host name", "the host name is unknown", "Check the host in the URL"),
    (
        "connection refused",
        "nothing listens there",
        "Check host and port, and that the server is running",
    ),
    (
        "can't connect to mysql server",
        "the server can't be reached",
        "Check host and port, and that the server is running",
    ),
    ("timeout expired", "the server doesn't answer", "Check host, port and firewall"),
    ("timed out", "the server doesn't answer", "Check host, port and firewall"),
    ("connection timeout", "the server doesn't answer", "Check host, port and firewall"),
    ("no route to host", "the host can't be reached", "Check the network and the host in the URL"),
    (
        "too many connections",
        "the server has no free connection",
        "Raise its max_connections, or run fewer workers",
    ),
    (
        "too many clients",
        "the server has no free connection",
        "Raise its max_connections, or run fewer workers",
    ),
    ("permission denied", "the user lacks a permission", "Grant it to create and write tables"),
    ("disk is full", "the disk is full", "Free some space and run the same command again"),
    ("no space left", "the disk is full", "Free some space and run the same command again"),
    (
        "disk i/o error",
        "the disk can't be read or written",
        "Check the disk and its free space, then run the same command again",
    ),
    (
        "readonly database",
        "the file or its folder is read-only",
        "Make it writable, or name another database with --storage",
    ),
    (
        "unable to open database file",
        "the file can't be opened or created",
        "Make it and its folder writable: SQLite writes beside the file also to read it",
    ),
    (
        "file is not a database",
        "the file isn't a SQLite database",
        "Name another file; this one wasn't touched",
    ),
    (
        "malformed",
        "the database file is damaged",
        "Restore a copy (`sqlite3 FILE .recover` saves what can be read), or name another file",
    ),
    (
        "database is locked",
        "another program keeps the database locked",
        "End it, or wait, and run the same command again",
    ),
    ("no such table", "the database isn't one of Optuna's", "Name another file"),
    (
        "optuna storage upgrade",
        "the database was made by an older Optuna",
        "Save a copy, then upgrade it: `optuna storage upgrade --storage URL`",
    ),
    (
        "no longer compatible",
        "the database was made by another Optuna than the installed one",
        "Update Optuna: `pip install -U optuna`",
    ),
    (
        _IN_USE,
        "other workers keep the study locked",
        "Look at the server: somebody may hold the lock and hang",
    ),
    (
        "the database system is",
        "the server is starting or shutting down",
        "Wait until it is ready",
    ),
    *(
        (part, "the connection to the server broke off", "Check the server and the network")
        for part in (
            "server closed the connection",
            "terminating connection",
            "lost connection",
            "connection is lost",
            "gone away",
            "broken pipe",
            "connection reset",
        )
    ),
    (
        "connection to server on socket",
        "nothing listens there",
        "Check the folder of the server's socket, and that the server is running",
    ),
)
# What waiting doesn't mend, though the driver reports it as it does a server that is away.
_LASTING = (
    "password authentication failed",
    "no password supplied",
    "access denied",
    "unknown database",
    "does not exist",
    "no such table",
    "permission denied",
    "disk is full",
    "no space left",
    "read-only",
    "readonly",
)
# SQLite has no server that could be away; all that passes is another one's lock.
_LOCKED = "database is locked"
# Less than SQLite needs to open a database with a write-ahead log.
_LITTLE_BYTES = 1_000_000
_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql"}
LOCK_SUFFIX = ".lock"


class LockTimeout(Exception):
    """Another worker held a lock of MySQL's for long. PostgreSQL has an error of its own for it."""

    def __str__(self) -> str:
        return _IN_USE


@contextmanager
def storage_errors(address: Address, *, waited: bool = False) -> Iterator[None]:
    """Turn database errors inside into `StorageError`s.

    Args:
        address: The database.
        waited: Whether it was waited for, should it be away.
    """
    try:
        yield
    except OptisearchError:
        raise
    except Exception as error:
        explained = explain(error, address)
        if explained is None:
            raise
        if waited and is_passing(error):
            raise OutageError(explained) from None
        raise explained from None


def explain(error: BaseException, address: Address) -> StorageError | None:
    """The error in words, or None when it isn't one of the database's."""
    chain = list(_chain(error))
    if any(_is_missing_driver(link, address) for link in chain):
        return StorageError(
            f"the driver for {address.dialect} isn't installed",
            where=str(address),
            remedy=f"pip install 'optisearch[{address.dialect}]'",
        )
    if isinstance(error, OSError) and str(error.filename).endswith(LOCK_SUFFIX):
        return StorageError(
            f"its lock file can't be used ({error.strerror})",
            where=f"{address}{LOCK_SUFFIX}",
            remedy="Make it and its folder writable, or name another database with --storage",
        )
    if not is_database_error(error) and not _is_schema_error(error):
        return None
    text = _text(chain)
    if "disk i/o error" in text and _is_full(address):
        text = "disk is full"
    for part, what, remedy in _KNOWN:
        if part in text:
            return StorageError(what, where=str(address), remedy=remedy)
    first_line = _said(chain[-1]).strip().partition("\n")[0]
    return StorageError(
        f"the database fails ({first_line})",
        where=str(address),
        remedy="Check the database, then run the same command again",
    )


def is_database_error(error: BaseException) -> bool:
    """Whether an error, or what it was raised from, is Optuna's storage's or the driver's."""
    import sqlalchemy
    from optuna.exceptions import StorageInternalError

    kinds = (sqlalchemy.exc.SQLAlchemyError, StorageInternalError, LockTimeout)
    return any(isinstance(link, kinds) for link in _chain(error))


def is_passing(error: BaseException) -> bool:
    """Whether the same call may succeed later: the database is away, restarts, or is in use.

    Drivers report that as `OperationalError` or `InterfaceError`, beside much that doesn't pass.
    """
    import sqlalchemy

    chain = list(_chain(error))
    text = _text(chain)
    if any(part in text for part in _LASTING):
        return False
    passing = (
        sqlalchemy.exc.OperationalError,
        sqlalchemy.exc.InterfaceError,
        sqlalchemy.exc.PendingRollbackError,
        LockTimeout,
    )
    for link in chain:
        if isinstance(link, sqlalchemy.exc.DBAPIError) and link.connection_invalidated:
            return True
        if isinstance(link, passing):
            return "sqlite3." not in str(link) or _LOCKED in text
    return False


def is_in_use(error: BaseException) -> bool:
    """Whether somebody else held a lock for as long as one waits for it."""
    return _IN_USE in _text(_chain(error))


def _text(chain: Iterable[BaseException]) -> str:
    return " ".join(map(_said, chain)).lower()


def _said(link: BaseException) -> str:
    """What the driver said, without what SQLAlchemy appends."""
    return str(getattr(link, "orig", None) or link)


def _is_missing_driver(error: BaseException, address: Address) -> bool:
    if not isinstance(error, ImportError):
        return False
    # A driver without the C library it wraps says so in words of its own.
    return error.name == _DRIVERS.get(address.dialect) or "pq wrapper" in str(error)


def _is_full(address: Address) -> bool:
    """SQLite says so only of its main file."""
    try:
        return address.path is not None and disk_usage(address.path.parent).free < _LITTLE_BYTES
    except OSError:
        return False


def _is_schema_error(error: BaseException) -> bool:
    return isinstance(error, RuntimeError) and "table schema" in str(error)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and everything it was raised from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
