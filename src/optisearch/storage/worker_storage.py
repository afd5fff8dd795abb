"""Optuna's storage as a worker needs it: it waits, and several of its calls can be one transaction.

Both are here because both are about one thing: which connection a call uses, and whether it may be
made again. Inside a transaction it isn't: the transaction is, as a whole (`Database.atomically`).
"""

import functools
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages._rdb import models
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from optisearch.storage.outages import Endurance
from optisearch.storage.reading import QuickStorage

# A clock that differs by less isn't worth a statement.
_CLOCK_SECONDS = 1.0
_NOW = {
    "postgresql": "SELECT clock_timestamp() AT TIME ZONE 'utc'",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
}
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
    "_set_trial_param",
    "set_trial_intermediate_value",
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
        has_created: Whether that transaction has created what Optuna's cache knows by now.
        is_direct: Whether a call that fails isn't made again.
    """

    connection: sqlalchemy.Connection | None = None
    has_created: bool = False
    is_direct: bool = False


class WorkerStorage(QuickStorage):
    """An `RDBStorage` that waits for its database, and whose calls can share a transaction.

    Attributes:
        endurance: How long it waits.
        offset: By how much the database's clock is ahead of this machine's.
    """

    def __init__(self, *args: Any, endurance: Endurance, **kwargs: Any) -> None:
        self.endurance = endurance
        self.offset = timedelta()
        self._thread = _Thread()
        super().__init__(*args, **kwargs)

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
    def has_created(self) -> bool:
        """Whether the last transaction of this thread created a study or a trial."""
        return self._thread.has_created

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
        self._thread.connection, self._thread.has_created = connection, False
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
        with self.engine.connect() as connection:
            yield connection

    def read_clock(self) -> None:
        """See by how much the database's clock is ahead. A file has none but this machine's."""
        question = _NOW.get(self.engine.dialect.name)
        if question is None:
            return
        with self.connected() as connection:
            before = datetime.now(UTC)
            theirs = connection.execute(sqlalchemy.text(question)).scalar_one()
            between = before + (datetime.now(UTC) - before) / 2
        self.offset = theirs.replace(tzinfo=UTC) - between

    def create_new_study(
        self, directions: Sequence[StudyDirection], study_name: str | None = None
    ) -> int:
        self._thread.has_created = True
        return self.patiently(
            lambda: super(WorkerStorage, self).create_new_study(directions, study_name)
        )

    def _create_new_trial(
        self, study_id: int, template_trial: FrozenTrial | None = None
    ) -> FrozenTrial:
        self._thread.has_created = True
        return super()._create_new_trial(study_id, template_trial)

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """As Optuna's, told by the database's clock. To tell the same twice is no mistake."""
        tell = super().set_trial_state_values
        tries = 0

        def told() -> bool:
            nonlocal tries
            tries += 1
            try:
                done = tell(trial_id, state, values)
            except UpdateFinishedTrialError:
                # The database may have gone away after it was told, and before it said so.
                if tries > 1 and self._is_told(trial_id, state, values):
                    return True
                raise
            if state.is_finished() and abs(self.offset.total_seconds()) > _CLOCK_SECONDS:
                self._correct_end(trial_id)
            return done

        return self.patiently(told)

    def hold(self, trial_id: int) -> None:
        """See `Database.hold`."""
        question = sqlalchemy.select(models.TrialModel.state).with_for_update()
        with self.connected() as connection:
            state = connection.execute(
                question.where(models.TrialModel.trial_id == trial_id)
            ).scalar_one()
        self.check_trial_is_updatable(trial_id, state)

    def set_trial_attrs(
        self, trial_id: int, user: Mapping[str, Any], system: Mapping[str, Any]
    ) -> None:
        """Set all of these attributes, a statement for each kind."""
        kinds = (models.TrialUserAttributeModel, user), (models.TrialSystemAttributeModel, system)
        with self.connected() as connection:
            for model, given in kinds:
                rows = [
                    {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
                    for key, value in given.items()
                ]
                if rows:
                    connection.execute(_upsert(model.__table__, self.engine.dialect.name), rows)

    def _is_told(self, trial_id: int, state: TrialState, values: Sequence[float] | None) -> bool:
        trial = self.get_trial(trial_id)
        return trial.state == state and trial.values == (None if values is None else list(values))

    def _correct_end(self, trial_id: int) -> None:
        ended = datetime.now(UTC).replace(tzinfo=None) + self.offset
        table = models.TrialModel.__table__
        change = sqlalchemy.update(table).where(table.c.trial_id == trial_id)
        with self.connected() as connection:
            connection.execute(change.values(datetime_complete=ended))
            if connection is not self._thread.connection:
                connection.commit()


def _upsert(table: Any, dialect: str) -> Any:
    """Insert a trial's attributes, or replace those of the same key."""
    if dialect == "mysql":
        from sqlalchemy.dialects.mysql import insert as mysql_insert

        statement = mysql_insert(table)
        return statement.on_duplicate_key_update(value_json=statement.inserted.value_json)
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    new = insert(table)
    return new.on_conflict_do_update(
        index_elements=["trial_id", "key"], set_={"value_json": new.excluded.value_json}
    )


def _patient(name: str) -> Callable[..., Any]:
    method = getattr(QuickStorage, name)

    @functools.wraps(method)
    def patient(self: WorkerStorage, *args: Any, **kwargs: Any) -> Any:
        return self.patiently(functools.partial(method, self, *args, **kwargs))

    return patient


for _name in _REPEATABLE:
    setattr(WorkerStorage, _name, _patient(_name))
