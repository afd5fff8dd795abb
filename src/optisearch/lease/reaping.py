"""The trials of dead workers, recorded as lost."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from optisearch import record
from optisearch.lease.owner import Owner

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optisearch.storage import Database


def reap(database: "Database", trials: Iterable["FrozenTrial"]) -> list[int]:
    """Record the running trials whose owner is known to be dead as lost.

    Args:
        database: The database.
        trials: A stage's trials.

    Returns:
        The numbers of the trials that were found lost.
    """
    from optuna.trial import TrialState

    dead = (
        trial
        for trial in trials
        if trial.state is TrialState.RUNNING
        and (owner := Owner.from_attributes(trial.system_attrs)) is not None
        and owner.is_dead()
    )
    return [trial.number for trial in dead if end_as_lost(database, trial._trial_id)]


def end_as_lost(database: "Database", trial_id: int) -> bool:
    """Record one trial as lost, unless it has ended by now.

    Returns:
        Whether it was running until now.
    """
    from optuna.exceptions import UpdateFinishedTrialError
    from optuna.trial import TrialState

    def end() -> None:
        # Together or not at all: its worker may tell at this very moment, how it really ended.
        storage = database.storage
        storage.set_trial_user_attr(trial_id, record.END_REASON, "lost")
        storage.set_trial_state_values(trial_id, TrialState.FAIL)

    try:
        database.atomically(end)
    except UpdateFinishedTrialError:
        return False  # somebody else was faster
    return True
