"""Optuna's cache of trials, which leaves those alone that nobody asked for."""

import copy
from collections.abc import Container

from optuna.storages._cached_storage import _CachedStorage
from optuna.trial import FrozenTrial, TrialState

from optisearch.storage.worker_storage import WorkerStorage


class TrialCache(_CachedStorage):
    """Reads what is new of finished trials without those in training, where these aren't asked for.

    Pruners ask for completed trials after each epoch. Optuna then also reads all that belongs to
    each trial in training, and forgets it: with a thousand workers, ten times the work.
    """

    _backend: WorkerStorage

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        if states is None or TrialState.RUNNING in states or TrialState.WAITING in states:
            return super().get_all_trials(study_id, deepcopy, states)
        with self._lock:
            known = self._studies.get(study_id)
            if known is not None:
                self._read_ended(study_id)
                found = [trial for trial in known.trials.values() if trial.state in states]
                found.sort(key=lambda trial: trial.number)
                return copy.deepcopy(found) if deepcopy else found
        return super().get_all_trials(study_id, deepcopy, states)

    def _read_ended(self, study_id: int) -> None:
        """Read the trials that have ended since somebody looked."""
        known = self._studies[study_id]
        last = known.last_finished_trial_id
        found, known.unfinished_trial_ids = self._backend.ended(
            study_id, known.unfinished_trial_ids, last
        )
        self._add_trials_to_cache(study_id, found)
        known.last_finished_trial_id = max([last, *(trial._trial_id for trial in found)])
