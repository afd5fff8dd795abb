"""How much is to be trained, and what comes next: pure decisions over a stage's trials."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from optisearch import record
from optisearch.plan import Cell

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


@dataclass(frozen=True)
class Budget:
    """What a stage may spend, over all of its workers and restarts.

    Attributes:
        trials: Trained trials of a search: completed, diverged or pruned. Failed ones don't count.
        patience: Stop a search when the best hasn't improved over so many finished trials.
        seeds: How many seeds each row of a comparison has.
    """

    trials: int | None = None
    patience: int | None = None
    seeds: int | None = None

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

    reason: Literal["trials", "patience", "cells"]


Step = New | Retry | Wait | Done


def next_step(trials: Sequence["FrozenTrial"], budget: Budget, *, maximize: bool) -> Step:
    """What a free worker does next.

    Args:
        trials: All trials of the stage, in the order of their numbers.
        budget: The stage's budget.
        maximize: Whether a larger value is better.
    """
    from optuna.trial import TrialState

    done, total = trained(trials), budget.trials or 0
    running = sum(trial.state == TrialState.RUNNING for trial in trials)
    if done >= total:
        return Done("trials")
    if budget.patience and _stale_trials(trials, maximize=maximize) >= budget.patience:
        return Wait() if running else Done("patience")
    if done + running < total:
        unfinished = to_retry(trials)
        return Retry(unfinished[0]) if unfinished else New()
    return Wait()


def trained(trials: Sequence["FrozenTrial"]) -> int:
    """How many trials count towards the budget."""
    from optuna.trial import TrialState

    return sum(trial.state in (TrialState.COMPLETE, TrialState.PRUNED) for trial in trials)


def to_retry(trials: Sequence["FrozenTrial"]) -> list["FrozenTrial"]:
    """The attempts that ended through no fault of their own and weren't taken up again."""
    taken_up = {trial.system_attrs.get(record.RETRY_OF) for trial in trials}
    lost = Counter(
        first_attempt(trial)
        for trial in trials
        if trial.user_attrs.get(record.END_REASON) == "lost"
    )
    return [
        trial
        for trial in trials
        if trial.user_attrs.get(record.END_REASON) in ("interrupted", "lost")
        and trial.number not in taken_up
        and lost[first_attempt(trial)] < record.MAX_LOST_ATTEMPTS
    ]


def first_attempt(trial: "FrozenTrial") -> int:
    """The number of a trial's first attempt: its own, unless it is a retry."""
    return int(trial.system_attrs.get(record.FIRST_ATTEMPT, trial.number))


def _stale_trials(trials: Sequence["FrozenTrial"], *, maximize: bool) -> int:
    """How many trials finished since the best one did."""
    from optuna.trial import TrialState

    sign = 1 if maximize else -1
    finished = sorted(
        (t for t in trials if t.state in (TrialState.COMPLETE, TrialState.PRUNED)),
        key=lambda t: (t.datetime_complete, t.number),
    )
    best, stale = -math.inf, 0
    for trial in finished:
        value = trial.value if trial.state == TrialState.COMPLETE else None
        score = -math.inf if value is None else sign * value
        best, stale = (score, 0) if score > best else (best, stale + 1)
    return stale
