"""How much is to be trained, and what comes next: decided by nothing but a stage's trials."""

import math
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from operator import le
from typing import TYPE_CHECKING, Any, Literal, Self

from optisearch import record
from optisearch.plan import Cell

if TYPE_CHECKING:
    from datetime import datetime

    from optuna.trial import FrozenTrial

    End = tuple[datetime, int]


@dataclass(frozen=True)
class Budget:
    """What a stage may spend, over all of its workers and restarts.

    Attributes:
        trials: Trained trials of a search: completed, diverged or pruned. Failed ones don't count.
        patience: Stop a search when the best, of several objectives the Pareto front, hasn't
            changed over so many finished trials.
        seeds: How many seeds each row of a comparison has.
        deadline: When the time is up, by the database's clock, in seconds since 1970.
    """

    trials: int | None = None
    patience: int | None = None
    seeds: int | None = None
    deadline: float | None = None

    def is_over(self, now: "datetime") -> bool:
        """Whether the time is up."""
        return self.deadline is not None and now.timestamp() >= self.deadline

    def as_dict(self) -> dict[str, Any]:
        """What is said; the rest has no meaning in its stage."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class New:
    """Train a new trial: of this cell, or what the sampler proposes."""

    cell: Cell | None = None


@dataclass(frozen=True)
class Retry:
    """Train again what an attempt that was interrupted or lost was to train."""

    attempt: "FrozenTrial"
    cell: Cell | None = None


@dataclass(frozen=True)
class Wait:
    """Others train what is left; should they die, it comes back."""


@dataclass(frozen=True)
class Done:
    """Nothing is left."""

    reason: Literal["trials", "patience", "cells", "time"]


Step = New | Retry | Wait | Done


@dataclass
class Account:
    """What a search's trials come to. Each is looked at until it has ended, then counted for good.

    Attributes:
        maximizes: Of each objective, whether more of it is better.
        trained: How many trials count towards the budget.
        running: Those in training, by number.
        given: The points of those that didn't ask the sampler for it, by number.
    """

    maximizes: tuple[bool, ...]
    trained: int = 0
    running: "dict[int, FrozenTrial]" = field(default_factory=dict)
    given: dict[int, dict[str, Any]] = field(default_factory=dict)
    _seen: int = 0
    _open: set[int] = field(default_factory=set)
    _unfinished: "dict[int, FrozenTrial]" = field(default_factory=dict)
    _lost: Counter[int] = field(default_factory=Counter)
    # When trained trials ended, in that order; the best ones' losses, and when they were reached.
    _ends: "list[End]" = field(default_factory=list)
    _front: "dict[tuple[float, ...], End]" = field(default_factory=dict)

    def up_to(self, trials: Sequence["FrozenTrial"]) -> Self:
        """Take what is new into account.

        Args:
            trials: All trials of the stage, in the order of their numbers.
        """
        for number in sorted(self._open.union(range(self._seen, len(trials)))):
            self._note(trials[number])
        self._seen = len(trials)
        return self

    def next_step(self, budget: Budget) -> Step:
        """What a free worker does next."""
        total = budget.trials or 0
        if self.trained >= total:
            return Done("trials")
        if budget.patience and self._stale_trials() >= budget.patience:
            return Wait() if self.running else Done("patience")
        if self.trained + len(self.running) < total:
            unfinished = self.to_retry()
            return Retry(unfinished[0]) if unfinished else New()
        return Wait()

    def to_retry(self) -> "list[FrozenTrial]":
        """The attempts that ended through no fault of their own and weren't taken up again."""
        return [
            trial
            for _, trial in sorted(self._unfinished.items())
            if self._lost[first_attempt(trial)] < record.MAX_LOST_ATTEMPTS
        ]

    def _note(self, trial: "FrozenTrial") -> None:
        from optuna.trial import TrialState

        number = trial.number
        if record.RETRY_OF in trial.system_attrs:
            self._unfinished.pop(trial.system_attrs[record.RETRY_OF], None)
        if record.GIVEN in trial.system_attrs:
            self.given[number] = trial.system_attrs[record.FIXED_PARAMS]
        self.running.pop(number, None)
        if not trial.state.is_finished():
            self._open.add(number)
            if trial.state is TrialState.RUNNING:
                self.running[number] = trial
            return
        self._open.discard(number)
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED):
            self._count(trial)
        reason = trial.user_attrs.get(record.END_REASON)
        if reason is None and trial.state is TrialState.FAIL and record.OWNER in trial.system_attrs:
            reason = "lost"  # plain Optuna's sweep of stale trials says no reason
        if reason in ("interrupted", "lost"):
            self._unfinished[number] = trial
            self._lost[first_attempt(trial)] += reason == "lost"

    def _count(self, trial: "FrozenTrial") -> None:
        """Workers' clocks may differ: trials are ordered by when they say that they ended."""
        from optuna.trial import TrialState

        assert trial.datetime_complete is not None
        self.trained += 1
        end = (trial.datetime_complete, trial.number)
        insort(self._ends, end)
        if trial.state is TrialState.COMPLETE and trial.values is not None:
            pairs = zip(self.maximizes, trial.values, strict=True)
            losses = tuple(-value if maximize else value for maximize, value in pairs)
            if losses[0] != math.inf:  # it diverged
                self._advance(losses, end)

    def _advance(self, losses: tuple[float, ...], end: "End") -> None:
        """Put a trial among the best, if no other is as good in each objective. Of equal ones the
        first counts."""
        if any(all(map(le, best, losses)) for best in self._front if best != losses):
            return
        self._front[losses] = min(end, self._front.get(losses, end))
        for best in [*self._front]:
            if best != losses and all(map(le, losses, best)):
                del self._front[best]

    def _stale_trials(self) -> int:
        """How many trials were trained since the best ones changed."""
        if not self._front:
            return len(self._ends)
        return len(self._ends) - bisect_right(self._ends, max(self._front.values()))


def first_attempt(trial: "FrozenTrial") -> int:
    """The number of a trial's first attempt: its own, unless it is a retry."""
    return int(trial.system_attrs.get(record.FIRST_ATTEMPT, trial.number))
