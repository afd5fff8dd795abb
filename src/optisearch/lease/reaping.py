"""The trials of dead workers, recorded as lost."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from optisearch import record
from optisearch.lease.owner import Owner

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial


def reap(storage: "BaseStorage", trials: Iterable["FrozenTrial"]) -> list[int]:
    """Record the running trials whose owner is dead as lost.

    Args:
        storage: The storage.
        trials: A stage's trials.

    Returns:
        The numbers of the trials that were found lost.
    """
    from optuna.exceptions import UpdateFinishedTrialError
    from optuna.trial import TrialState

    lost = []
    for trial in trials:
        owner = Owner.from_attributes(trial.system_attrs)
        if trial.state != TrialState.RUNNING or owner is None or not owner.is_dead():
            continue
        try:
            storage.set_trial_user_attr(trial._trial_id, record.END_REASON, "lost")
            storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
        except UpdateFinishedTrialError:
            continue  # somebody else was faster
        lost.append(trial.number)
    return lost
