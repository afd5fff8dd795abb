"""A trial's beginning and its end, as rows.

Optuna makes thirteen statements of a beginning and six of an end, for it looks again and again at
what is known here; and a beginning is what all workers of a stage wait for in turn.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState

from optisearch.storage import writing
from optisearch.storage.writing import Suggested

_STUDIES = models.StudyModel.__table__
_TRIALS = models.TrialModel.__table__
_VALUES = models.TrialValueModel.__table__
_OPEN = (TrialState.RUNNING, TrialState.WAITING)


def begin(connection: sqlalchemy.Connection, study_id: int, template: FrozenTrial) -> FrozenTrial:
    """Create a trial that hasn't ended: its parameters and attributes are those of the template.

    Args:
        connection: Within a transaction.
        study_id: The study.
        template: The trial but for its id and its number, without values and epochs.

    Returns:
        The trial.

    Raises:
        KeyError: There is no such study.
        ValueError: The study has drawn a parameter from another kind of distribution before.
    """
    # As Optuna does, so that no other worker, whatever it runs, gives the same number.
    study = sqlalchemy.select(_STUDIES.c.study_id).where(_STUDIES.c.study_id == study_id)
    if connection.execute(study.with_for_update()).first() is None:
        raise KeyError(f"there is no study {study_id}")
    count = sqlalchemy.select(sqlalchemy.func.count()).where(_TRIALS.c.study_id == study_id)
    number = connection.execute(count).scalar_one()
    row = sqlalchemy.insert(_TRIALS).values(
        study_id=study_id,
        number=number,
        state=template.state,
        datetime_start=_utc(template.datetime_start),
    )
    key = connection.execute(row).inserted_primary_key
    assert key is not None
    begun = FrozenTrial(
        number=number,
        trial_id=key[0],
        state=template.state,
        value=None,
        datetime_start=template.datetime_start,
        datetime_complete=None,
        params=dict(template.params),
        distributions=dict(template.distributions),
        user_attrs=dict(template.user_attrs),
        system_attrs=dict(template.system_attrs),
        intermediate_values={},
    )
    writing.attributes(connection, key[0], template.user_attrs, template.system_attrs)
    given = [
        Suggested(name, each.to_internal_repr(template.params[name]), each, None)
        for name, each in template.distributions.items()
    ]
    writing.parameters(connection, key[0], given)
    return begun


def end(
    connection: sqlalchemy.Connection,
    trial_id: int,
    state: TrialState,
    values: Sequence[float] | None,
    moment: datetime,
) -> bool:
    """Write how a trial ended, unless it has ended already.

    Args:
        connection: Within a transaction.
        trial_id: The trial.
        state: How.
        values: One for each objective, where it has some.
        moment: When, in UTC without a zone.

    Returns:
        Whether it was written.
    """
    change = sqlalchemy.update(_TRIALS).where(
        _TRIALS.c.trial_id == trial_id, _TRIALS.c.state.in_(_OPEN)
    )
    if not connection.execute(change.values(state=state, datetime_complete=moment)).rowcount:
        return False
    rows = []
    for objective, value in enumerate(values or ()):
        stored, kind = models.TrialValueModel.value_to_stored_repr(value)
        rows.append(
            {"trial_id": trial_id, "objective": objective, "value": stored, "value_type": kind}
        )
    if rows:
        connection.execute(sqlalchemy.insert(_VALUES), rows)
    return True


def _utc(moment: datetime | None) -> datetime | None:
    """Told in local time, stored in UTC, both without a zone: as Optuna has it."""
    return moment and moment.astimezone(UTC).replace(tzinfo=None)
