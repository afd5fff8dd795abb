"""Optuna's storage as a worker uses it: by the database's clock, and in few statements."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy
from optuna.distributions import BaseDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from optisearch.storage import trial_rows, writing
from optisearch.storage.patient_storage import PatientStorage
from optisearch.storage.writing import Suggested

_NOW = {
    "postgresql": "SELECT clock_timestamp() AT TIME ZONE 'utc'",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
}


class _Thread(threading.local):
    """What a thread is about.

    Attributes:
        has_created: Whether its transaction has created what Optuna's cache knows by now.
        suggested: Parameters that are written later, together.
        asked: The studies whose trials in training were read since these are gathered.
    """

    has_created: bool = False
    suggested: list[Suggested] | None = None
    asked: set[int] | None = None


class WorkerStorage(PatientStorage):
    """A `PatientStorage` that writes what Optuna's writes, quicker.

    Attributes:
        offset: By how much the database's clock is ahead of this machine's.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.offset = timedelta()
        self._own = _Thread()
        super().__init__(*args, **kwargs)

    @property
    def has_created(self) -> bool:
        """Whether the last transaction of this thread created a study or a trial."""
        return self._own.has_created

    @contextmanager
    def together(self, connection: sqlalchemy.Connection) -> Iterator[None]:
        self._own.has_created = False
        with super().together(connection):
            yield

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
        self._own.has_created = True
        return self.patiently(
            lambda: super(WorkerStorage, self).create_new_study(directions, study_name)
        )

    def ended(self, *args: Any, **kwargs: Any) -> tuple[list[FrozenTrial], set[int]]:
        return self.patiently(lambda: super(WorkerStorage, self).ended(*args, **kwargs))

    def _create_new_trial(
        self, study_id: int, template_trial: FrozenTrial | None = None
    ) -> FrozenTrial:
        self._own.has_created = True
        if template_trial is None or template_trial.state != TrialState.RUNNING:
            return super()._create_new_trial(study_id, template_trial)
        with self.changing() as connection:
            return trial_rows.begin(connection, study_id, template_trial)

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """As Optuna's, told by the database's clock. To tell the same twice is no mistake."""
        if not state.is_finished():
            return super().set_trial_state_values(trial_id, state, values)
        tries = 0

        def told() -> bool:
            nonlocal tries
            tries += 1
            moment = datetime.now(UTC).replace(tzinfo=None) + self.offset
            with self.changing() as connection:
                if trial_rows.end(connection, trial_id, state, values, moment):
                    return True
                before = writing.state(connection, trial_id)
            # The database may have gone away after it was told, and before it said so.
            if not (tries > 1 and self._is_told(trial_id, state, values)):
                self.check_trial_is_updatable(trial_id, before)
            return True

        return self.patiently(told)

    @contextmanager
    def gathering(self, trial_id: int) -> Iterator[None]:
        """The parameters that are suggested inside are written together, at the end.

        Raises:
            UpdateFinishedTrialError: The trial has ended.
            ValueError: See `writing.parameters`.
        """
        suggested: list[Suggested] = []
        self._own.suggested, self._own.asked = suggested, set()
        try:
            yield
        finally:
            self._own.suggested = self._own.asked = None
            if suggested:
                self._write(trial_id, lambda c: writing.parameters(c, trial_id, suggested))

    @property
    def is_gathering(self) -> bool:
        """Whether this thread is within `gathering`."""
        return self._own.asked is not None

    def asks_first(self, study_id: int) -> bool:
        """Whether this thread asks for a study's trials for the first time within `gathering`."""
        asked = self._own.asked
        assert asked is not None
        is_first = study_id not in asked
        asked.add(study_id)
        return is_first

    def _set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
        previous_distribution: BaseDistribution | None,
    ) -> None:
        given = Suggested(param_name, param_value_internal, distribution, previous_distribution)
        if self._own.suggested is not None:
            self._own.suggested.append(given)
        else:
            self._write(trial_id, lambda c: writing.parameters(c, trial_id, [given]))

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        def report() -> None:
            with self.changing_once() as connection:
                if not writing.report(connection, trial_id, step, intermediate_value):
                    self.check_trial_is_updatable(trial_id, writing.state(connection, trial_id))

        self.patiently(report)

    def hold(self, trial_id: int) -> None:
        """See `Database.hold`."""
        with self.connected() as connection:
            self._hold(connection, trial_id)

    def set_trial_attrs(
        self, trial_id: int, user: Mapping[str, Any], system: Mapping[str, Any]
    ) -> None:
        """See `Database.set_attributes`."""
        with self.connected() as connection:
            writing.attributes(connection, trial_id, user, system)

    def _write(self, trial_id: int, write: Callable[[sqlalchemy.Connection], None]) -> None:
        """Write something of a trial, unless it has ended."""

        def written() -> None:
            with self.changing() as connection:
                self._hold(connection, trial_id)
                write(connection)

        self.patiently(written)

    def _hold(self, connection: sqlalchemy.Connection, trial_id: int) -> None:
        state = writing.state(connection, trial_id, hold=True)
        self.check_trial_is_updatable(trial_id, state)

    def _is_told(self, trial_id: int, state: TrialState, values: Sequence[float] | None) -> bool:
        trial = self.get_trial(trial_id)
        return trial.state == state and trial.values == (None if values is None else list(values))
