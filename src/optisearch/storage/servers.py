"""How SQLAlchemy connects: time limits, so that a host which vanishes blocks nobody for long.

Without them a worker that is cut off waits for the kernel (a quarter of an hour), and a lock that
it held stays taken on the server for hours.
"""

import math
import socket
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy

    from optisearch.address import Address

_CONNECT_SECONDS = 4
# Silence after which the other side is asked for a sign of life, the pause between two questions,
# and how many may stay unanswered. Both sides ask: the one that is left finds out in 25 seconds.
_SILENT_SECONDS, _ASKING_SECONDS, _QUESTIONS = 10, 5, 3
_UNANSWERED_SECONDS = _SILENT_SECONDS + _ASKING_SECONDS * _QUESTIONS
# Nobody of ours computes for long within a transaction: who is silent there has vanished.
_IN_TRANSACTION_SECONDS = 30
# A connection that was used just now needs no check; a call that fails is made again anyhow.
_PING_SECONDS = 1.0
# Who waits for a lock looks up that often, whether to go on waiting.
LOCK_SECONDS = 20
# MySQL knows no such limit, only one on idle connections. Ours are opened anew when needed.
_IDLE_SECONDS = 60


def engine_options(address: "Address", lock_wait_seconds: int) -> dict[str, Any]:
    """The arguments of `sqlalchemy.create_engine`, without the URL.

    What the URL itself says (`?connect_timeout=2`) counts before what is set here.

    Args:
        address: The database.
        lock_wait_seconds: How long to wait for SQLite's lock.
    """
    if address.dialect == "sqlite":
        return {"connect_args": {"timeout": lock_wait_seconds}}
    import sqlalchemy

    arguments = {"postgresql": _POSTGRESQL, "mysql": _MYSQL}[address.dialect]
    said = sqlalchemy.make_url(address.sqlalchemy_url).query
    options: dict[str, Any] = {
        # One for the worker, one for its heartbeat.
        "pool_size": 2,
        "max_overflow": 0,
        "connect_args": {name: value for name, value in arguments.items() if name not in said},
    }
    if address.dialect == "mysql":
        options["pool_events"] = [(_once_connected, "connect")]
    else:
        options["creator"] = _connector(address, options.pop("connect_args"))
    return options


def _connector(address: "Address", arguments: dict[str, Any]) -> Callable[[], Any]:
    """What connects to PostgreSQL, and leaves nothing open where that took too long.

    Psycopg 3.3 does: its error and the frame that holds the half-open connection refer to one
    another, until the garbage is collected. Tried again every few seconds, each worker would take
    one connection after the other from a server that is only slow.
    """
    import sqlalchemy

    url = sqlalchemy.make_url(address.sqlalchemy_url)
    dialect = url.get_dialect()
    psycopg = dialect.import_dbapi()
    _, named = dialect().create_connect_args(url)

    def connect() -> Any:
        try:
            return psycopg.connect(**named, **arguments)
        except psycopg.Error as error:
            traceback.clear_frames(error.__traceback__)
            raise

    return connect


# https://www.postgresql.org/docs/current/libpq-connect.html and runtime-config-connection.html
_POSTGRESQL: dict[str, Any] = {
    "connect_timeout": _CONNECT_SECONDS,
    # Prepared statements stay with a connection, which a pooler hands to others.
    "prepare_threshold": None,
    "keepalives_idle": _SILENT_SECONDS,
    "keepalives_interval": _ASKING_SECONDS,
    "keepalives_count": _QUESTIONS,
    "tcp_user_timeout": 1000 * _UNANSWERED_SECONDS,
    "options": " ".join(
        f"-c {name}={value}"
        for name, value in {
            "tcp_keepalives_idle": _SILENT_SECONDS,
            "tcp_keepalives_interval": _ASKING_SECONDS,
            "tcp_keepalives_count": _QUESTIONS,
            "idle_in_transaction_session_timeout": 1000 * _IN_TRANSACTION_SECONDS,
            "lock_timeout": 1000 * LOCK_SECONDS,
            # Heartbeats are stored without a zone.
            "TimeZone": "UTC",
        }.items()
    ),
}
_MYSQL: dict[str, Any] = {
    "connect_timeout": _CONNECT_SECONDS,
    # The limit on connecting doesn't hold for the server's greeting; see `_once_connected`.
    "read_timeout": _CONNECT_SECONDS,
    "init_command": f"SET SESSION wait_timeout = {_IDLE_SECONDS}",
}


def _once_connected(connection: Any, _record: Any) -> None:
    """A query of PyMySQL's (for a lock, say) may take any time, unless the server has vanished."""
    connection._read_timeout = None
    link = connection._sock
    if link.family not in (socket.AF_INET, socket.AF_INET6):
        return
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", _SILENT_SECONDS),
        ("TCP_KEEPINTVL", _ASKING_SECONDS),
        ("TCP_KEEPCNT", _QUESTIONS),
        ("TCP_USER_TIMEOUT", 1000 * _UNANSWERED_SECONDS),
    ):
        if hasattr(socket, name):  # not every system has each
            link.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def ping_after_idling(engine: "sqlalchemy.Engine") -> None:
    """A connection that idled is checked before it is used, and opened anew where it was cut.

    SQLAlchemy's `pool_pre_ping` checks each time: a round trip more for each of sixty transactions
    of a trial.
    """
    import sqlalchemy

    if engine.dialect.name == "sqlite":
        return

    @sqlalchemy.event.listens_for(engine, "checkin")
    def _note(_connection: Any, entry: Any) -> None:
        entry.info["idle since"] = time.monotonic()

    @sqlalchemy.event.listens_for(engine, "checkout")
    def _check(connection: Any, entry: Any, _proxy: Any) -> None:
        if time.monotonic() - entry.info.get("idle since", math.inf) < _PING_SECONDS:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            alive = False
        if not alive:
            raise sqlalchemy.exc.DisconnectionError
