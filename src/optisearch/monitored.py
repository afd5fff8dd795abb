"""Optuna's study, trial and Hyperband for several objectives, of which the first is monitored.

Optuna prunes no trial of a study with several objectives: `Trial.report` and `should_prune` refuse,
and pruners (like TPE, which ranks pruned trials) ask a study for its `direction`, which it then
hasn't. Here samplers see all objectives, and pruners the first as the only one.

In the database such a study is an ordinary one. Its pruned trials have epochs and no values; TPE
counts them among those that weren't good, those behind that were pruned earlier or stood worse.
"""

import copy
from collections.abc import Container, Iterator
from contextlib import contextmanager

import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState


class MonitoredStudy(optuna.Study):
    """An `optuna.Study` whose `direction` is that of its first objective, however many it has."""

    @property
    def direction(self) -> StudyDirection:
        return self.directions[0]

    def of_the_first(self) -> "MonitoredStudy":
        """The same study as if its first objective were the only one. Pruners look at epochs."""
        alone = copy.copy(self)
        alone._directions = self._directions[:1]
        return alone


class MonitoredTrial(optuna.Trial):
    """An `optuna.Trial` of a `MonitoredStudy`: reports the first objective, is pruned by it."""

    study: MonitoredStudy

    def report(self, value: float, step: int) -> None:
        with self._monitored():
            super().report(value, step)

    def should_prune(self) -> bool:
        with self._monitored():
            return super().should_prune()

    @contextmanager
    def _monitored(self) -> Iterator[None]:
        study, self.study = self.study, self.study.of_the_first()
        try:
            yield
        finally:
            self.study = study


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
