"""How many trials of a stage ended how, counted as they come."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from optisearch.reading.trial import TrialResult
from optisearch.record import MAX_LOST_ATTEMPTS


@dataclass(frozen=True)
class Tally:
    """How many trials ended how. A trial that was handed out again isn't counted: its retry is.

    Attributes:
        completed: Trained to the end.
        pruned: Ended early because they were hopeless.
        diverged: Ended because their loss or metric was no longer a number.
        failed: Ended by an error.
        lost: Given up, as their workers died again and again.
        to_be_retried: Interrupted or lost, and to be handed out again while the budget lasts.
        running: In training.
        waiting: Handed to no worker yet.
    """

    completed: int = 0
    pruned: int = 0
    diverged: int = 0
    failed: int = 0
    lost: int = 0
    to_be_retried: int = 0
    running: int = 0
    waiting: int = 0

    @property
    def trained(self) -> int:
        """The trials that count towards the budget."""
        return self.completed + self.pruned + self.diverged


@dataclass
class Counts:
    """Counts trials one by one. One that has changed takes the place of what it was."""

    _standing: Counter[str] = field(default_factory=Counter)
    _losses: Counter[int] = field(default_factory=Counter)
    _lost: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, trials: Iterable[TrialResult]) -> Self:
        counts = cls()
        for trial in trials:
            counts.put(trial)
        return counts

    def put(self, trial: TrialResult, before: TrialResult | None = None) -> None:
        """Count a trial.

        Args:
            trial: As it is now.
            before: As it was when it was last counted.
        """
        if before is not None:
            self._count(before, -1)
        self._count(trial, 1)

    def _count(self, trial: TrialResult, times: int) -> None:
        first = trial.number if trial.first_attempt is None else trial.first_attempt
        if trial.ending == "lost":
            self._losses[first] += times
        self._lost.pop(trial.number, None)
        if not trial.superseded:
            self._standing[trial.ending] += times
            if trial.ending == "lost" and times > 0:
                self._lost[trial.number] = first

    def tally(self, budget: int | None) -> Tally:
        """The counts so far.

        Args:
            budget: How many trials are to be trained; None where nothing says.
        """
        counts = self._standing
        given_up = sum(self._losses[first] >= MAX_LOST_ATTEMPTS for first in self._lost.values())
        trained = counts["completed"] + counts["pruned"] + counts["diverged"]
        used_up = budget is not None and trained >= budget
        return Tally(
            completed=counts["completed"],
            pruned=counts["pruned"],
            diverged=counts["diverged"],
            failed=counts["failed"],
            lost=given_up,
            to_be_retried=0 if used_up else counts["interrupted"] + counts["lost"] - given_up,
            running=counts["running"],
            waiting=counts["waiting"],
        )
