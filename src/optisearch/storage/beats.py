"""Signs of life of the trials in training, in the table that Optuna has for them."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from optuna.storages._rdb import models
from optuna.trial import TrialState

from optisearch.storage.worker_storage import WorkerStorage

_TRIALS, _BEATS = models.TrialModel.__table__, models.TrialHeartbeatModel.__table__
_ATTRIBUTES = models.TrialSystemAttributeModel.__table__


@dataclass(frozen=True)
class Pulse:
    """A trial in training, and its last sign of life.

    Attributes:
        trial_id: Its id in the database.
        number: Its number in its stage.
        beat: When it last gave one, by the database's clock and in that one's zone; None before
            the first.
        asked: When this was asked, by the same clock.
    """

    trial_id: int
    number: int
    beat: datetime | None
    asked: datetime

    @property
    def age_seconds(self) -> float | None:
        """How long ago the sign of life was. MariaDB and SQLite tell whole seconds."""
        return None if self.beat is None else (self.asked - self.beat).total_seconds()


def pulses(storage: WorkerStorage, study_id: int) -> list[Pulse]:
    """Of all trials of a stage that are in training."""
    question = (
        sqlalchemy.select(
            _TRIALS.c.trial_id, _TRIALS.c.number, _BEATS.c.heartbeat, sqlalchemy.func.now()
        )
        .select_from(_TRIALS.outerjoin(_BEATS, _BEATS.c.trial_id == _TRIALS.c.trial_id))
        .where(_TRIALS.c.study_id == study_id, _TRIALS.c.state == TrialState.RUNNING)
    )
    with storage.connected() as connection:
        found = connection.execute(question).all()
    # PostgreSQL tells its zone with the present, and not with what Optuna stored in that zone.
    return [
        Pulse(of, number, beat, asked.replace(tzinfo=None)) for of, number, beat, asked in found
    ]


def attributes(storage: WorkerStorage, key: str, trial_ids: Collection[int]) -> dict[int, Any]:
    """A system attribute of these trials, of those that have it, by id."""
    question = sqlalchemy.select(_ATTRIBUTES.c.trial_id, _ATTRIBUTES.c.value_json).where(
        _ATTRIBUTES.c.key == key, _ATTRIBUTES.c.trial_id.in_(trial_ids)
    )
    with storage.connected() as connection:
        return {of: json.loads(text) for of, text in connection.execute(question)}
