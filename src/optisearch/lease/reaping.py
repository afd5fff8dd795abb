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
        and owner.is_dead(one_machine=database.is_of_one_machine)
    )
    return [trial.number for trial in dead if end(database, trial._trial_id, "lost")]


def end(database: "Database", trial_id: int, reason: record.EndReason, error: str = "") -> bool:
    """Record how a trial ended whose worker can't, unless it has ended by now.

    Args:
        database: The database.
        trial_id: The trial.
        reason: How it ended; not well.
        error: Why, where it failed.

    Returns:
        Whether it was running until now.
    """
    from optuna.exceptions import UpdateFinishedTrialError
    from optuna.trial import TrialState

    def tell() -> None:
        # Together or not at all: its worker may tell at this very moment, how it really ended.
        database.hold(trial_id)
        said = {record.END_REASON: reason} | ({record.ERROR: error} if error else {})
        database.set_attributes(trial_id, said, {})
        database.storage.set_trial_state_values(trial_id, TrialState.FAIL)

    try:
        database.atomically(tell)
    except UpdateFinishedTrialError:
        return False  # somebody else was faster
    return True
