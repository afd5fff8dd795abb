"""Many searches: every method, in every setting, once per repeat."""

import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean

import optuna
from rich.console import Console
from rich.progress import track

from benchmarks.curves.methods import METHODS, VARIANTS
from benchmarks.curves.replay import Outcome, Setting, replay
from benchmarks.curves.table import Table, load
from optisearch.statistics import Estimate, Paired, estimate, paired_difference

_BY_NAME = {method.name: method for method in (*METHODS, *VARIANTS)}


@dataclass(frozen=True)
class Searches:
    """The searches of one table in one setting.

    A search that misses its target is broken off at its budget, the same for all, so the mean of
    min(time, budget) is the restricted mean time to the target, without any estimate of what would
    have come later: Royston & Parmar 2013, https://doi.org/10.1186/1471-2288-13-152.

    Attributes:
        path: The table.
        setting: The setting.
        outcomes: Method's name → its searches, by repeat.
    """

    path: Path
    setting: Setting
    outcomes: dict[str, list[Outcome]]

    @property
    def table(self) -> Table:
        return _table(self.path)

    @cached_property
    def budget(self) -> float:
        """In simulated seconds."""
        return self.setting.budget(self.table)

    def times(self, method: str) -> dict[int, float]:
        """Repeat → simulated seconds to the target, at most the budget."""
        found = self.outcomes[method]
        return {repeat: min(each.reached, self.budget) for repeat, each in enumerate(found)}

    def mean(self, method: str) -> Estimate:
        """The restricted mean time to the target."""
        return estimate(self.times(method).values())

    def against(self, method: str, other: str) -> Paired:
        """How much later than the other a method reaches the target; repeats share their seed."""
        return paired_difference(self.times(method), self.times(other))

    def reached(self, method: str) -> float:
        """The share of the searches that reached the target."""
        return fmean(each.reached <= self.budget for each in self.outcomes[method])


@dataclass(frozen=True)
class Plan:
    """What is to be searched: a table, in a setting, with these methods."""

    path: Path
    setting: Setting
    methods: tuple[str, ...]


def experiment(plans: Sequence[Plan], repeats: int, *, processes: int = 2) -> list[Searches]:
    """Search, in so many processes.

    Args:
        plans: What is searched.
        repeats: How often; the repeat's number is the search's seed, the same for all methods.
        processes: How many processes compute.
    """
    os.environ["OMP_NUM_THREADS"] = "1"  # for the Gaussian process's linear algebra
    tasks = [
        (plan.path, plan.setting, method, repeat)
        for repeat in range(repeats)
        for plan in plans
        for method in plan.methods
    ]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        outcomes = pool.map(_search, *zip(*tasks, strict=True), chunksize=8)
        shown = track(outcomes, "searching", len(tasks), console=Console(stderr=True))
        found: dict[tuple[Path, Setting, str], list[Outcome]] = {}
        for (path, setting, method, _), outcome in zip(tasks, shown, strict=True):
            found.setdefault((path, setting, method), []).append(outcome)
    return [
        Searches(
            plan.path,
            plan.setting,
            {name: found[plan.path, plan.setting, name] for name in plan.methods},
        )
        for plan in plans
    ]


def _search(path: Path, setting: Setting, method: str, repeat: int) -> Outcome:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # The Gaussian process clips the infinity that stands for a diverged trial, and says so.
    warnings.filterwarnings("ignore", "Clip non-finite values")
    return replay(_table(path), _BY_NAME[method], setting, repeat)


@lru_cache
def _table(path: Path) -> Table:
    return load(path)
