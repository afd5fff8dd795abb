"""A study's attributes and the number of its trials, in a statement each."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy
from optuna.storages._rdb import models
from optuna.trial import TrialState
from sqlalchemy import ColumnElement, Connection

from optisearch.storage.writing import write

_STUDIES, _TRIALS = models.StudyModel.__table__, models.TrialModel.__table__
_ATTRIBUTES = models.StudySystemAttributeModel.__table__
_ENDED = tuple(state for state in TrialState if state.is_finished())


def named(connection: Connection, study_id: int, keys: Collection[str]) -> dict[str, Any]:
    """The attributes of these names, of those that are there.

    Raises:
        KeyError: There is no such study.
    """
    found = _read(connection, study_id, _ATTRIBUTES.c.key.in_(keys))
    if not found:
        _check(connection, study_id)
    return found


def starting(connection: Connection, study_id: int, prefixes: Collection[str]) -> dict[str, Any]:
    """The attributes whose names start with one of these words."""
    meant = [_ATTRIBUTES.c.key.startswith(prefix, autoescape=True) for prefix in prefixes]
    return _read(connection, study_id, sqlalchemy.or_(*meant))


def of_all(connection: Connection, key: str) -> dict[str, Any]:
    """Study → what it has stored under this name, or None, in the order of their creation."""
    mine = (_ATTRIBUTES.c.study_id == _STUDIES.c.study_id) & (_ATTRIBUTES.c.key == key)
    question = (
        sqlalchemy.select(_STUDIES.c.study_name, _ATTRIBUTES.c.value_json)
        .select_from(_STUDIES.outerjoin(_ATTRIBUTES, mine))
        .order_by(_STUDIES.c.study_id)
    )
    rows = connection.execute(question).all()
    return {name: None if text is None else json.loads(text) for name, text in rows}


def replace(
    connection: Connection, study_id: int, changed: Mapping[str, Any], removed: Collection[str]
) -> None:
    """Write some attributes, and remove others.

    Raises:
        KeyError: There is no such study.
    """
    _check(connection, study_id)  # a file takes rows of what isn't there
    rows = [
        {"study_id": study_id, "key": key, "value_json": json.dumps(value)}
        for key, value in changed.items()
    ]
    write(connection, _ATTRIBUTES, ["study_id", "key"], rows)
    if removed:
        meant = (_ATTRIBUTES.c.study_id == study_id) & _ATTRIBUTES.c.key.in_(removed)
        connection.execute(sqlalchemy.delete(_ATTRIBUTES).where(meant))


def count_ended(connection: Connection, study_id: int, states: Collection[TrialState] = ()) -> int:
    """How many trials have ended in one of these states; without any: however."""
    question = (
        sqlalchemy.select(sqlalchemy.func.count())
        .select_from(_TRIALS)
        .where(_TRIALS.c.study_id == study_id, _TRIALS.c.state.in_(states or _ENDED))
    )
    return int(connection.execute(question).scalar_one())


def _check(connection: Connection, study_id: int) -> None:
    question = sqlalchemy.select(_STUDIES.c.study_id).where(_STUDIES.c.study_id == study_id)
    if connection.execute(question).first() is None:
        raise KeyError(f"there is no study {study_id}")


def _read(connection: Connection, study_id: int, meant: ColumnElement[bool]) -> dict[str, Any]:
    question = sqlalchemy.select(_ATTRIBUTES.c.key, _ATTRIBUTES.c.value_json)
    rows = connection.execute(question.where(_ATTRIBUTES.c.study_id == study_id, meant)).all()
    return {key: json.loads(text) for key, text in rows}
