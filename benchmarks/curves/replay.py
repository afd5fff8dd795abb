"""One search through a recorded table, on a simulated clock.

The search itself is real: Optuna asks, judges and is told, with this project's samplers and
pruners, each trial's sampler seeded as a worker's is. Only the training is looked up, and the clock
adds up the recorded seconds. Workers are coroutines that take turns in the order of that clock, a
discrete-event simulation: each proposes, reports and prunes by what the others have told by then,
as the workers of a pool do.
"""

import heapq
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import optuna
from optuna.trial import TrialState

from benchmarks.curves.methods import Method
from benchmarks.curves.table import Table
from optisearch import space as spaces
from optisearch.samplers import make_sampler


@dataclass(frozen=True)
class Setting:
    """How a table is searched.

    Attributes:
        workers: How many workers share the search.
        epochs_searched: Whether epochs are a factor, as in the studies; otherwise all trials have
            the largest number, as in the literature.
        share: The target is what this share of a random search's trials end with or surpass.
        trials: A search's budget: the time in which a random search without pruner ends so many.
    """

    workers: int = 1
    epochs_searched: bool = True
    share: float = 0.01
    trials: int = 200

    def target(self, table: Table) -> float:
        """The worth that is searched for."""
        return table.target(self.share, table.lengths(searched=self.epochs_searched))

    def budget(self, table: Table) -> float:
        """The simulated seconds after which a search is given up."""
        cost = table.cost(table.lengths(searched=self.epochs_searched))
        return self.trials * cost / self.workers


@dataclass
class Outcome:
    """What a search came to.

    Attributes:
        reached: When a completed trial first had the target's value at its last epoch, in simulated
            seconds; infinite where none had within the budget.
        best: The best worth that a completed trial ended with.
        trials: How many trials were begun.
        epochs: How many epochs were trained.
        computed: The seconds that this process spent on proposing and judging, not simulated.
    """

    reached: float = math.inf
    best: float = -math.inf
    trials: int = 0
    epochs: int = 0
    computed: float = 0.0


class Search:
    """One search, until it reaches its target or has spent its budget."""

    def __init__(self, table: Table, method: Method, setting: Setting, seed: int) -> None:
        self._table = table
        self._method = method
        self._setting = setting
        self._seed = seed
        self._longest = table.lengths(searched=False)[0]
        self._space = table.space(epochs_searched=setting.epochs_searched)
        self._study = optuna.create_study(
            # Hyperband deals its brackets out by the name.
            study_name=f"{table.study}/{seed}",
            direction="maximize",
            pruner=method.make_pruner(self._longest),
        )
        # As every stage does: the first trial is the baseline.
        self._study.enqueue_trial(spaces.baseline_point(self._space))
        self._now = 0.0
        self._outcome = Outcome()

    def run(self) -> Outcome:
        """Search."""
        began = time.thread_time()
        target, budget = self._setting.target(self._table), self._setting.budget(self._table)
        turns = [(0.0, number, self._worker()) for number in range(self._setting.workers)]
        while self._outcome.best < target:
            self._now, number, worker = turns[0]
            if self._now > budget or self._outcome.trials >= self._method.most_trials:
                break
            heapq.heapreplace(turns, (self._now + next(worker), number, worker))
        else:
            self._outcome.reached = self._now
        self._outcome.computed = time.thread_time() - began
        return self._outcome

    def _worker(self) -> Iterator[float]:
        """Train one trial after another; yields the seconds until there is something to do."""
        table = self._table
        while True:
            trial, point, length = self._ask()
            yield table.start_seconds
            state, value = TrialState.COMPLETE, -math.inf
            for epoch in range(length):
                yield float(table.epoch_seconds[point])
                self._outcome.epochs += 1
                value = float(table.worth[point, epoch])
                if not math.isfinite(value):
                    break  # diverged: told with the worst value, as a worker does
                trial.report(value, epoch)
                if epoch + 1 < length and trial.should_prune():  # the last epoch is paid for
                    state = TrialState.PRUNED
                    break
            if state == TrialState.PRUNED:
                self._study.tell(trial, state=state)
            else:
                self._study.tell(trial, value)
                self._outcome.best = max(self._outcome.best, value)
            yield 0.0  # the search may be over

    def _ask(self) -> tuple[optuna.Trial, int, int]:
        """A trial, the recorded point that it stands for, and how many epochs it has."""
        sampler = make_sampler(self._method.sampler, self._seed, self._outcome.trials)
        self._study.sampler = sampler
        self._outcome.trials += 1
        trial = self._study.ask()
        proposed = vars(spaces.suggest(self._space, trial))
        return trial, self._table.grid.nearest(proposed), proposed.get("epochs", self._longest)


def replay(table: Table, method: Method, setting: Setting, seed: int) -> Outcome:
    """Search through a table.

    Args:
        table: The table.
        method: How to search.
        setting: With how many workers, for what, and how long.
        seed: The search's seed, as `optisearch run --seed`.
    """
    return Search(table, method, setting, seed).run()
