"""What a trial writes, in as few statements as it takes.

Optuna reads the trial and what is there already before it writes each value, and commits each: a
trial of ten epochs asks a server two hundred times. The rows here are the same.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from optuna.distributions import (
    BaseDistribution,
    check_distribution_compatibility,
    distribution_to_json,
    json_to_distribution,
)
from optuna.storages._rdb import models
from optuna.trial import TrialState
from sqlalchemy.dialects import mysql, postgresql, sqlite

_TRIALS = models.TrialModel.__table__
_PARAMS = models.TrialParamModel.__table__
_STEPS = models.TrialIntermediateValueModel.__table__
_ATTRIBUTES = (
    models.TrialUserAttributeModel.__table__,
    models.TrialSystemAttributeModel.__table__,
)
_OPEN = (TrialState.RUNNING, TrialState.WAITING)


@dataclass(frozen=True)
class Suggested:
    """A parameter's value.

    Attributes:
        name: Of the parameter.
        value: As Optuna stores it.
        distribution: What it was drawn from.
        before: What the study has drawn it from before, where that is known.
    """

    name: str
    value: float
    distribution: BaseDistribution
    before: BaseDistribution | None


def state(connection: sqlalchemy.Connection, trial_id: int, *, hold: bool = False) -> TrialState:
    """A trial's state.

    Args:
        connection: Within a transaction.
        trial_id: The trial.
        hold: Keep it from being changed by others until the transaction ends.

    Raises:
        KeyError: There is no such trial.
    """
    question = sqlalchemy.select(_TRIALS.c.state).where(_TRIALS.c.trial_id == trial_id)
    found = connection.execute(question.with_for_update() if hold else question).scalar()
    if found is None:
        raise KeyError(f"there is no trial {trial_id}")
    return TrialState(found)


def report(connection: sqlalchemy.Connection, trial_id: int, step: int, value: float) -> bool:
    """Write the metric of an epoch, unless the trial has ended.

    Returns:
        Whether it was written.
    """
    stored, kind = models.TrialIntermediateValueModel.intermediate_value_to_stored_repr(value)
    row = sqlalchemy.select(
        _TRIALS.c.trial_id,
        sqlalchemy.literal(step),
        sqlalchemy.literal(stored, _STEPS.c.intermediate_value.type),
        sqlalchemy.literal(kind, _STEPS.c.intermediate_value_type.type),
    ).where(_TRIALS.c.trial_id == trial_id, _TRIALS.c.state.in_(_OPEN))
    names = ["trial_id", "step", "intermediate_value", "intermediate_value_type"]
    new = _insert(connection, _STEPS).from_select(names, row)
    statement = _or_replace(connection, new, names[:2], names[2:])
    # psycopg's count is SQLAlchemy's to keep, or it is -1.
    done = connection.execute(statement, execution_options={"preserve_rowcount": True})
    return done.rowcount > 0


def parameters(
    connection: sqlalchemy.Connection, trial_id: int, suggested: Sequence[Suggested]
) -> None:
    """Write a trial's parameters.

    Raises:
        ValueError: The study has drawn one of them from another kind of distribution before.
    """
    for each in suggested:
        before = each.before or _before(connection, trial_id, each.name)
        if before is not None:
            check_distribution_compatibility(before, each.distribution)
    rows = [
        {
            "trial_id": trial_id,
            "param_name": each.name,
            "param_value": each.value,
            "distribution_json": distribution_to_json(each.distribution),
        }
        for each in suggested
    ]
    write(connection, _PARAMS, ["trial_id", "param_name"], rows)


def attributes(
    connection: sqlalchemy.Connection,
    trial_id: int,
    user: Mapping[str, Any],
    system: Mapping[str, Any],
) -> None:
    """Write attributes of a trial."""
    for table, given in zip(_ATTRIBUTES, (user, system), strict=True):
        rows = [
            {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
            for key, value in given.items()
        ]
        write(connection, table, ["trial_id", "key"], rows)


def write(
    connection: sqlalchemy.Connection, table: Any, key: list[str], rows: list[dict[str, Any]]
) -> None:
    """Insert rows, or replace those of the same key."""
    if rows:
        changed = [name for name in rows[0] if name not in key]
        new = _or_replace(connection, _insert(connection, table), key, changed)
        connection.execute(new, rows)


def _before(connection: sqlalchemy.Connection, trial_id: int, name: str) -> BaseDistribution | None:
    """What a trial of the same study has drawn a parameter from."""
    study = sqlalchemy.select(_TRIALS.c.study_id).where(_TRIALS.c.trial_id == trial_id)
    found = connection.execute(
        sqlalchemy.select(_PARAMS.c.distribution_json)
        .join(_TRIALS, _TRIALS.c.trial_id == _PARAMS.c.trial_id)
        .where(_TRIALS.c.study_id == study.scalar_subquery(), _PARAMS.c.param_name == name)
        .limit(1)
    ).scalar()
    return None if found is None else json_to_distribution(found)


def _insert(connection: sqlalchemy.Connection, table: Any) -> Any:
    dialect = {"mysql": mysql, "postgresql": postgresql, "sqlite": sqlite}[connection.dialect.name]
    return dialect.insert(table)


def _or_replace(
    connection: sqlalchemy.Connection, new: Any, key: list[str], changed: list[str]
) -> Any:
    if connection.dialect.name == "mysql":
        return new.on_duplicate_key_update({name: new.inserted[name] for name in changed})
    values = {name: new.excluded[name] for name in changed}
    return new.on_conflict_do_update(index_elements=key, set_=values)
