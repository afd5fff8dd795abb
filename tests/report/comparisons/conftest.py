"""Compare stages built cell by cell: what is measured there is a function of the test."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from optisearch.plan import Cell, Plan, Planned
from optisearch.plan.tuning import budget
from optisearch.reading import FactorInfo, StageInfo, StageResults, TrialResult

FACTORS = (
    FactorInfo(
        "optimizer",
        "choice",
        "adam",
        levels=("sgd", "adam", "rmsprop"),
        options=("sgd", "adam", "rmsprop"),
    ),
    FactorInfo("learning_rate", "real", 0.001, low=1e-4, high=1.0, log=True),
    FactorInfo("batch_size", "choice", 64, options=(32, 64, 128)),
    FactorInfo("regularization", "choice", "none", options=("none", "l2")),
    FactorInfo("epochs", "integer", 4, low=2, high=10),
)
METRIC = "val_accuracy"
# One number, or a number for each epoch; None: it fails; NaN: it diverges.
Outcome = Callable[[dict[str, Any], int], float | Sequence[float] | None]


class Compared:
    """A compare stage of these comparisons, with the cells that it was given."""

    def __init__(self, *planned: Planned, seeds: int = 5, maximize: bool = True) -> None:
        self.plan = Plan(FACTORS, {}, planned, seeds=seeds, study_seed=3, maximize=maximize)
        self.trials: list[TrialResult] = []

    @property
    def seeds(self) -> tuple[int, ...]:
        return self.plan.fresh_seeds

    def train(
        self,
        outcome: Outcome,
        *,
        most: int | None = None,
        seconds: Callable[[dict[str, Any], int], float] = lambda point, at: 2.0,
    ) -> "Compared":
        """Train the first cells that are due and open, until there are none.

        Args:
            outcome: What a point gives at the seed of this position; -1: the tuning seed.
            most: How many cells at most.
            seconds: How long each epoch takes.
        """
        done = 0
        while most is None or done < most:
            ledger = self.read().ledger
            due = [cell for cell in self.plan.due(ledger) if ledger.is_open(cell)]
            if not due:
                break
            cell = due[0]
            at = self.seeds.index(cell.seed) if cell.purpose == "repeat" else -1
            point = dict(cell.point)
            self._add(cell, outcome(point, at), seconds(point, at))
            done += 1
        return self

    def _add(self, cell: Cell, result: float | Sequence[float] | None, pace: float) -> None:
        trial = TrialResult(
            len(self.trials), "failed", params=cell.point, seed=cell.seed, cell=cell.key
        )
        if result is None:
            self.trials.append(replace(trial, error="ValueError: no such thing\nsecond line"))
            return
        epochs = int(cell.point["epochs"])
        values = list(result) if isinstance(result, Sequence) else [result] * epochs
        diverged = math.isnan(values[-1])
        rows = tuple(
            {
                "epoch": epoch,
                "seconds": pace,
                METRIC: str(value) if math.isnan(value) else value,
                "loss": 1 - value,
                "val_loss": 1.5 - value,
            }
            for epoch, value in enumerate(values)
        )
        self.trials.append(
            replace(
                trial,
                ending="diverged" if diverged else "completed",
                value=-math.inf if diverged else values[-1],
                seconds=pace * len(values),
                seconds_per_epoch=pace,
                parameters=4192,
                epochs_trained=len(values),
                history=rows,
            )
        )

    def read(self) -> StageResults:
        info = StageInfo(
            "toy/compare",
            "toy",
            "compare",
            "Toy",
            METRIC,
            "maximize" if self.plan.maximize else "minimize",
            FACTORS,
            declared=True,
        )
        return StageResults(info, tuple(self.trials), self.plan)


def comparison(**given: Any) -> Planned:
    """A comparison of the optimizers, or what is given."""
    tune = given.get("tune", ())
    points = ()
    if tune:
        first = budget(len(tune))
        along = [(at + 0.5) / first for at in range(first)] + 3 * [0.125, 0.375, 0.625, 0.875]
        across = [at * 0.618 % 1 for at in range(len(along))]
        points = tuple(pair[: len(tune)] for pair in zip(along, across, strict=True))
    known = {
        "name": given.get("factor", "optimizer"),
        "factor": "optimizer",
        "levels": ("sgd", "adam", "rmsprop"),
        "measure": METRIC,
        "points": points,
    }
    return Planned(**{**known, **given})


@pytest.fixture
def compared() -> type[Compared]:
    return Compared


@pytest.fixture
def planned() -> Callable[..., Planned]:
    return comparison
