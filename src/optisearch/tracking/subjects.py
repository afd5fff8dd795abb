"""A trial in training becomes what a tool is told of it."""

import hashlib
from typing import TYPE_CHECKING

from optisearch import record
from optisearch.tracking.interface import Subject

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial


def subject(trial: "optuna.Trial", storage: str) -> Subject:
    """What a tool is told of a trial, which has its hyperparameters already.

    Args:
        trial: The trial.
        storage: Its database, without a password.

    Raises:
        Exception: The database fails; it is asked where there were attempts before this one.
    """
    attempts = _attempts(trial)
    stage, first = trial.study.study_name, attempts[-1]
    # Numbers begin again where a study was deleted, and databases have the same name on two
    # machines: the time tells them apart.
    words = f"{stage} {first.number} {first.datetime_start}"
    attributes = trial.user_attrs
    assert trial.datetime_start is not None
    return Subject(
        stage=stage,
        number=trial.number,
        params={name: value for name, value in trial.params.items() if name != record.SEED},
        seed=attributes[record.SEED],
        started=trial.datetime_start,
        storage=storage,
        worker=attributes[record.WORKER],
        key=hashlib.sha256(words.encode()).hexdigest()[:16],
        earlier=tuple(each.number for each in attempts[1:]),
    )


def _attempts(trial: "optuna.Trial") -> "list[FrozenTrial]":
    """This attempt, and those before it, the latest first."""
    storage, study_id = trial.storage, trial.study._study_id
    attempts = [trial._cached_frozen_trial]
    while record.RETRY_OF in attempts[-1].system_attrs:
        number = attempts[-1].system_attrs[record.RETRY_OF]
        found = storage.get_trial_id_from_study_id_trial_number(study_id, number)
        attempts.append(storage.get_trial(found))
    return attempts
