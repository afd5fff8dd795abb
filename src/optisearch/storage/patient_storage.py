"""Optuna's storage that waits for its database, and whose calls can be one transaction.

Both are here because both are about one thing: which connection a call uses, and whether it may be
made again. Inside a transaction it isn't: the transaction is, as a whole (`Database.atomically`).
"""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import sqlalchemy

from optisearch.storage.outages import Endurance
from optisearch.storage.reading import QuickStorage
from optisearch.storage.servers import ping_after_idling

# All that Optuna calls and that may be carried out twice: what reads, and what overwrites.
_REPEATABLE = (
    "delete_study",
    "set_study_user_attr",
    "set_study_system_attr",
    "get_study_id_from_name",
    "get_study_name_from_id",
    "get_study_directions",
    "get_study_user_attrs",
    "get_study_system_attrs",
    "get_all_studies",
    "set_trial_user_attr",
    "set_trial_system_attr",
    "get_trial_user_attrs",
    "get_trial_system_attrs",
    "get_trial_param",
    "get_trial",
    "get_trial_id_from_study_id_trial_number",
    "_get_trials",
    "_get_best_trial_id",
    "record_heartbeat",
)

T = TypeVar("T")


class _Thread(threading.local):
    """What a thread's calls use.

    Attributes:
        connection: That of the transaction which they are part of.
        is_direct: Whether a call that fails isn't made again.
    """

    connection: sqlalchemy.Connection | None = None
    is_direct: bool = False


class PatientStorage(QuickStorage):
    """An `RDBStorage` that waits for its database, and whose calls can share a transaction.

    Attributes:
        endurance: How long it waits.
    """

    def __init__(self, *args: Any, endurance: Endurance, **kwargs: Any) -> None:
        self.endurance = endurance
        self._thread = _Thread()
        try:
            super().__init__(*args, **kwargs)
        except BaseException:
            if hasattr(self, "engine"):
                self.engine.dispose()  # tried again, it would be one connection more
            raise
        ping_after_idling(self.engine)
        # psycopg asks the server to begin a transaction, and to end it: two round trips more.
        self._is_postgresql = self.engine.dialect.name == "postgresql"
        options = {"isolation_level": "AUTOCOMMIT"} if self._is_postgresql else {}
        self._bare = self.engine.execution_options(**options)

    def patiently(self, function: Callable[[], T]) -> T:
        """Call what may be called twice, again and again while the database is away."""
        if self._thread.is_direct:
            return function()
        with self.directly():  # what it calls is part of it
            return self.endurance.call(function)

    @contextmanager
    def directly(self) -> Iterator[None]:
        """The calls of this thread inside fail at once when the database is away."""
        before, self._thread.is_direct = self._thread.is_direct, True
        try:
            yield
        finally:
            self._thread.is_direct = before

    @property
    def connection(self) -> sqlalchemy.Connection | None:
        """The connection of the transaction that this thread is in."""
        return self._thread.connection

    @contextmanager
    def together(self, connection: sqlalchemy.Connection) -> Iterator[None]:
        """The calls of this thread inside are part of this connection's transaction."""
        self.scoped_session.remove()
        # Optuna commits or rolls back after each call: a savepoint, here.
        self.scoped_session(bind=connection, join_transaction_mode="create_savepoint")
        self._thread.connection = connection
        try:
            with self.directly():
                yield
        finally:
            self._thread.connection = None
            self.scoped_session.remove()

    @contextmanager
    def connected(self) -> Iterator[sqlalchemy.Connection]:
        if self._thread.connection is not None:
            yield self._thread.connection
            return
        with self._bare.connect() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[sqlalchemy.Connection]:
        """A transaction: the one that this thread is in, or one of its own."""
        if self._thread.connection is not None:
            yield self._thread.connection
            return
        with self.engine.begin() as connection:
            yield connection

    def changing_once(self) -> AbstractContextManager[sqlalchemy.Connection]:
        """The same for a single statement, which needs no transaction around it."""
        return self.connected() if self._is_postgresql else self.changing()


def _patient(name: str) -> Callable[..., Any]:
    method = getattr(QuickStorage, name)

    @functools.wraps(method)
    def patient(self: PatientStorage, *args: Any, **kwargs: Any) -> Any:
        return self.patiently(functools.partial(method, self, *args, **kwargs))

    return patient


for _name in _REPEATABLE:
    setattr(PatientStorage, _name, _patient(_name))
