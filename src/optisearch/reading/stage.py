"""A stage as it stands in the database."""

import logging
import math
from collections.abc import Container, Iterator
from contextlib import contextmanager
from copy import copy
from copy import deepcopy as copies
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import cast

import optuna
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from optisearch.objectives import losses
from optisearch.plan import EVERYTHING, Attempt, CellEnding, Confirmation, Ledger, Plan, Wanted
from optisearch.reading.info import StageInfo
from optisearch.reading.progress import Progress
from optisearch.reading.tally import Counts, Tally
from optisearch.reading.trial import Ending, TrialResult
from optisearch.statistics import front


@dataclass(frozen=True)
class StageResults:
    """A stage: what was asked, and the trials so far by number.

    Attributes:
        info: What was asked.
        trials: The trials so far.
        plan: The cells of a stage that has some.
    """

    info: StageInfo
    trials: tuple[TrialResult, ...]
    plan: Plan | Confirmation | None = None
    _frozen: tuple[FrozenTrial, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def tally(self) -> Tally:
        return Counts.of(self.trials).tally(self.info.trials)

    @cached_property
    def ledger(self) -> Ledger:
        """What the trials so far say about the plan's cells."""
        return Ledger.of(
            Attempt(trial.number, trial.cell, _for_cell(trial.ending), trial.value)
            for trial in self.trials
            if trial.cell is not None
        )

    def progress(self, wanted: Wanted = EVERYTHING) -> Progress:
        """How much is done of what is to be trained."""
        if self.plan is not None:
            seconds = {
                trial.cell: trial.seconds
                for trial in self.trained
                if trial.cell is not None and trial.seconds is not None
            }
            return Progress.of_cells(self.plan, self.ledger, wanted, seconds)
        return Progress.of_trials(self.tally, self.info.trials)

    def only(self, wanted: Wanted) -> "StageResults":
        """The same as if nothing else were compared."""
        if not isinstance(self.plan, Plan):
            return self
        comparisons = tuple(
            each if wanted.tuned else replace(each, tune=())
            for each in wanted.of(self.plan.comparisons)
        )
        return replace(self, plan=replace(self.plan, comparisons=comparisons))

    @cached_property
    def trained(self) -> tuple[TrialResult, ...]:
        """The completed, pruned and diverged trials."""
        return self.ended("completed", "pruned", "diverged")

    @cached_property
    def ranked(self) -> tuple[TrialResult, ...]:
        """The completed trials, the best first. Of equal ones the first."""
        rank = self.info.rank
        return tuple(
            sorted(
                self.ended("completed"),
                key=lambda trial: (rank(_value(trial)), trial.number),
            )
        )

    @cached_property
    def front(self) -> tuple[TrialResult, ...]:
        """The completed trials that none dominates, the best first: the Pareto front."""
        objectives = self.info.objectives
        found = front([losses(objectives, trial.values) for trial in self.ranked])
        return tuple(self.ranked[place] for place in found)

    @property
    def best(self) -> TrialResult | None:
        """The completed trial with the best value, the first of equal ones."""
        return self.ranked[0] if self.ranked else None

    @cached_property
    def best_so_far(self) -> tuple[TrialResult, ...]:
        """The completed trials, by number, that were better than all before them."""
        found: list[TrialResult] = []
        for trial in self.ended("completed"):
            rank = self.info.rank
            if not found or rank(_value(trial)) < rank(_value(found[-1])):
                found.append(trial)
        return tuple(found)

    @cached_property
    def baseline(self) -> TrialResult | None:
        """The first completed trial at the baseline."""
        values = self.info.baseline()
        searched = {factor.name for factor in self.info.factors if factor.searched}
        point = {name: value for name, value in values.items() if name in searched}
        if not point:
            return None
        return next((trial for trial in self.ended("completed") if trial.params == point), None)

    @property
    def last_activity(self) -> datetime | None:
        """When a trial last began or ended, in local time."""
        moments = (moment for trial in self.trials for moment in (trial.started, trial.finished))
        return max((moment for moment in moments if moment is not None), default=None)

    def ended(self, *endings: Ending) -> tuple[TrialResult, ...]:
        """The trials with one of these endings, by number."""
        return tuple(trial for trial in self.trials if trial.ending in endings)

    @cached_property
    def judged(self) -> tuple[TrialResult, ...]:
        """The completed trials and, behind them, the pruned ones with a last value; best first.

        A pruned trial was worse than others at the same epoch: its last value stands for a bad one.
        """
        rank = self.info.rank
        pruned = [
            trial
            for trial in self.ended("pruned")
            if trial.last_value is not None and math.isfinite(trial.last_value)
        ]
        trials = [(trial, _value(trial)) for trial in self.ranked]
        trials += [(trial, cast("float", trial.last_value)) for trial in pruned]
        return tuple(trial for trial, value in sorted(trials, key=lambda pair: rank(pair[1])))

    def judged_study(self) -> optuna.Study:
        """The judged trials, as completed ones of an `optuna.Study` in memory.

        For Optuna's own evaluations, which look at completed trials only.
        """
        values = {trial.number: trial.value for trial in self.judged}
        values |= {t.number: t.last_value for t in self.judged if t.ending == "pruned"}
        found = []
        for trial in self._frozen:
            if trial.number in values:
                judged = copy(trial)
                judged.state, judged.values = TrialState.COMPLETE, [values[trial.number]]
                found.append(judged)
        storage = _Shown(found)
        direction = StudyDirection.MAXIMIZE if self.info.maximize else StudyDirection.MINIMIZE
        with _unannounced():
            storage.create_new_study([direction], self.info.name)
        return optuna.load_study(study_name=self.info.name, storage=storage)


class _Shown(InMemoryStorage):
    """Shows the trials that it is given. To be created in memory they would be copied whole."""

    def __init__(self, trials: list[FrozenTrial]) -> None:
        super().__init__()
        self._trials_shown = trials

    def get_all_trials(
        self,
        study_id: int,  # noqa: ARG002  # there is one study
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        found = [t for t in self._trials_shown if states is None or t.state in states]
        return copies(found) if deepcopy else found


@contextmanager
def _unannounced() -> Iterator[None]:
    """Without Optuna's message that a study was created in memory."""
    logger = logging.getLogger(InMemoryStorage.__module__)
    silence = logging.Filter("no logger has this name")
    logger.addFilter(silence)
    try:
        yield
    finally:
        logger.removeFilter(silence)


def _for_cell(ending: Ending) -> CellEnding:
    match ending:
        case "completed" | "diverged":
            return "done"
        case "waiting" | "pruned":  # neither happens to cells
            return "interrupted"
    return ending


def _value(trial: TrialResult) -> float:
    return cast("float", trial.value)  # completed trials have one
