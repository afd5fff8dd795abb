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
    _created: FrozenTrial | None = None

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        trial_id = super().create_new_trial(study_id, template_trial)
        _, number = self._trial_id_to_study_id_and_number[trial_id]
        self._created = self._studies[study_id].trials[number]
        return trial_id

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """As Optuna's. Its `Trial` begins by reading what was created a moment ago: it has it."""
        created, self._created = self._created, None
        if created is not None and created._trial_id == trial_id:
            return copy.deepcopy(created)
        return super().get_trial(trial_id)

    def forget(self) -> None:
        """Forget all, for it may hold what was rolled back. What is needed is read again."""
        with self._lock:
            self._created = None
            self._studies.clear()
            self._trial_id_to_study_id_and_number.clear()
            self._study_id_and_number_to_trial_id.clear()

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        if states is None or TrialState.RUNNING in states or TrialState.WAITING in states:
            with self._lock:
                if self._backend.is_gathering and study_id in self._studies:
                    # A sampler, which asks once for each group of parameters: the same moment, the
                    # same trials. It looks at the points of those in training, which stay.
                    if self._backend.asks_first(study_id):
                        self._read(study_id, unseen=True)
                    return self._known(study_id, deepcopy, states)
            self._read_trials_from_remote_storage(study_id)
            with self._lock:
                return self._known(study_id, deepcopy, states)
        with self._lock:
            if study_id in self._studies:
                self._read(study_id, unseen=False)
                return self._known(study_id, deepcopy, states)
        return super().get_all_trials(study_id, deepcopy, states)

    def glance(self, study_id: int) -> list[FrozenTrial]:
        """All trials in the order of their numbers; those in training as they began.

        That is enough to know whose they are, and takes no time that grows with what they have
        reported since.
        """
        with self._lock:
            known = self._studies.get(study_id)
            if known is not None:
                self._read(study_id, unseen=True)
                return sorted(known.trials.values(), key=lambda trial: trial.number)
        return super().get_all_trials(study_id, deepcopy=False)

    def _known(
        self, study_id: int, deepcopy: bool, states: Container[TrialState] | None
    ) -> list[FrozenTrial]:
        """The trials as they were last read, in the order of their numbers."""
        trials = self._studies[study_id].trials.values()
        found = [trial for trial in trials if states is None or trial.state in states]
        found.sort(key=lambda trial: trial.number)
        return copy.deepcopy(found) if deepcopy else found

    def _read(self, study_id: int, *, unseen: bool) -> None:
        """Read the trials that have ended since somebody looked.

        Args:
            study_id: The study.
            unseen: Those in training, too, whose point nobody has seen yet: it is written as a
                whole, a moment after they begin.
        """
        known = self._studies[study_id]
        last = known.last_finished_trial_id
        seen = None
        if unseen:
            trials = known.trials.values()
            seen = {each._trial_id for each in trials if each.params or each.state.is_finished()}
        found, known.unfinished_trial_ids = self._backend.ended(
            study_id, known.unfinished_trial_ids, last, seen
        )
        self._add_trials_to_cache(study_id, found)
        ended = [trial._trial_id for trial in found if trial.state.is_finished()]
        known.last_finished_trial_id = max([last, *ended])
