"""One objective: a name, and whether more or less of it is better."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from optisearch.record import PARAMETERS, SECONDS, SECONDS_PER_EPOCH

Direction = Literal["maximize", "minimize"]

EPOCHS_TO_TARGET, SECONDS_TO_TARGET = "epochs_to_target", "seconds_to_target"
TO_TARGET = frozenset({EPOCHS_TO_TARGET, SECONDS_TO_TARGET})
# Known of a trial when it ends; any other objective is a metric that each epoch reports.
COSTS = (PARAMETERS, SECONDS, SECONDS_PER_EPOCH, EPOCHS_TO_TARGET, SECONDS_TO_TARGET)


@dataclass(frozen=True)
class Objective:
    """What is to be made the most or the least of.

    Attributes:
        name: A metric, or one of `COSTS`.
        direction: `maximize` or `minimize`.
        target: The value of the monitored metric that `…_to_target` waits for; else None.
    """

    name: str
    direction: Direction = "minimize"
    target: float | None = None

    @property
    def is_cost(self) -> bool:
        """Whether it is known at a trial's end only."""
        return self.name in COSTS

    @property
    def maximize(self) -> bool:
        return self.direction == "maximize"

    @property
    def worst(self) -> float:
        """The infinity that a diverged trial has."""
        return -math.inf if self.maximize else math.inf

    def loss(self, value: float) -> float:
        """A value turned so that less is better."""
        return -value if self.maximize else value

    def __str__(self) -> str:
        waiting = "" if self.target is None else f" (target {self.target:g})"
        return f"{self.direction} {self.name}{waiting}"


def losses(objectives: Iterable[Objective], values: Iterable[float]) -> tuple[float, ...]:
    """A trial's values, one for each objective, turned so that less is better."""
    pairs = zip(objectives, values, strict=True)
    return tuple(objective.loss(value) for objective, value in pairs)


def stored_objectives(objectives: Sequence[Objective]) -> list[dict[str, Any]]:
    """Objectives as a manifest has them."""
    return [
        {name: value for name, value in asdict(each).items() if value is not None}
        for each in objectives
    ]


def read_objectives(manifest: Mapping[str, Any]) -> tuple[Objective, ...]:
    """A manifest's objectives. One that an older version has stored names the only one."""
    if "objectives" not in manifest:
        return (Objective(manifest["metric"], manifest["direction"]),)
    return tuple(Objective(**each) for each in manifest["objectives"])
