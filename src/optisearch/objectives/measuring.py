"""What a trial has reached in each objective."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from optisearch.objectives.objective import EPOCHS_TO_TARGET, TO_TARGET, Objective


def values(
    objectives: Sequence[Objective],
    history: Sequence[Mapping[str, Any]],
    attributes: Mapping[str, Any],
) -> list[float | None]:
    """A completed trial's value of each objective; None where it isn't known.

    Args:
        objectives: The monitored one first.
        history: A row for each epoch: metrics count as they are at the last one.
        attributes: What is recorded of the trial: its costs among them.
    """
    return [_value(each, objectives[0], history, attributes) for each in objectives]


def _value(
    objective: Objective,
    monitored: Objective,
    history: Sequence[Mapping[str, Any]],
    attributes: Mapping[str, Any],
) -> float | None:
    if objective.name in TO_TARGET and objective.target is not None:
        epochs, seconds = until_target(history, monitored, objective.target)
        return epochs if objective.name == EPOCHS_TO_TARGET else seconds
    found = attributes.get(objective.name) if objective.is_cost else history[-1].get(objective.name)
    return None if found is None else float(found)


def until_target(
    history: Sequence[Mapping[str, Any]], monitored: Objective, target: float
) -> tuple[float, float]:
    """After how many epochs, and seconds, a trial first reached a target; infinite: never.

    Args:
        history: A row for each epoch, with its `seconds`.
        monitored: Whose value is to be reached.
        target: The value.
    """
    seconds = 0.0
    for count, row in enumerate(history, start=1):
        seconds += float(row["seconds"])
        # Stored rows have words for what isn't finite: "inf", "nan".
        value = float(row.get(monitored.name, math.nan))
        if monitored.loss(value) <= monitored.loss(target):
            return float(count), seconds
    return math.inf, math.inf
