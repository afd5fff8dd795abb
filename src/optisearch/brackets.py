"""Optuna's Hyperband, for studies of one or several objectives."""

import copy
from collections.abc import Container

import optuna
from optuna.trial import FrozenTrial, TrialState


class Hyperband(optuna.pruners.HyperbandPruner):
    """Deals trials out to brackets as Optuna's does.

    Optuna's bracket asks the database for its study's directions, once in each epoch, and has no
    `direction` where there are several.
    """

    def _create_bracket_study(self, study: optuna.Study, bracket_id: int) -> optuna.Study:
        def trials(
            deepcopy: bool = True, states: Container[TrialState] | None = None
        ) -> list[FrozenTrial]:
            found = study.get_trials(deepcopy, states)
            return [each for each in found if self._get_bracket_id(study, each) == bracket_id]

        bracket = copy.copy(study)
        bracket.get_trials = trials  # type: ignore[method-assign]  # of this copy alone
        return bracket
