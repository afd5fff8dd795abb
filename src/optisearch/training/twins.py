"""Models whose graphs are traced, kept for fresh models of the same structure.

Tracing takes a quarter of a second; a small model's trial may take less. So a fresh model hands its
values over to its twin, a model of the same structure that was trained before, and the twin is
trained in its place.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from optisearch.training import private
from optisearch.training.knobs import KNOBS, Turn
from optisearch.training.steps import Steps
from optisearch.training.structure import Structure

Knobs = Sequence[Turn]

# Each holds a model, its optimizer's state and its graphs.
_MOST = 16


@dataclass(frozen=True)
class Traced:
    """A model, and its steps as graphs.

    Attributes:
        model: The model.
        steps: Its steps.
        why_anew: Why a training can't go on from a checkpoint; empty where it can.
    """

    model: keras.Model
    steps: Steps
    why_anew: str = ""


@dataclass(frozen=True)
class _Twin:
    """A traced model with what else must be set. A fresh model's metrics don't exist yet."""

    traced: Traced
    knobs: Knobs
    metrics: Sequence[np.ndarray]


class Twins:
    """The traced models of a worker, those used longest ago being forgotten first."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Structure, _Twin] = OrderedDict()

    def __contains__(self, structure: Structure | None) -> bool:
        return structure in self._kept

    def adopt(self, fresh: keras.Model, structure: Structure) -> Traced:
        """The twin of a fresh model, with the fresh model's values.

        Args:
            fresh: A model whose variables exist, and its optimizer's. It isn't changed.
            structure: Its structure, which is in here.
        """
        self._kept.move_to_end(structure)
        twin = self._kept[structure]
        model = twin.traced.model
        for ours, theirs in zip(variables(model), variables(fresh), strict=True):
            ours.assign(theirs)
        for ours, value in zip(model.metrics_variables, twin.metrics, strict=True):
            ours.assign(value)
        private.begin_at(model, private.first_epoch(fresh))
        for turn, owner in zip(twin.knobs, structure.owners, strict=True):
            turn(getattr(owner, KNOBS[type(owner)].name))
        return twin.traced

    def keep(self, traced: Traced, structure: Structure, knobs: Knobs) -> None:
        """Keep a model that wasn't trained yet as the twin of those to come."""
        metrics = [variable.numpy() for variable in traced.model.metrics_variables]
        self._kept[structure] = _Twin(traced, knobs, metrics)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def hold_knobs(structure: Structure) -> Knobs:
    """Have a model that isn't traced yet hold its knobs as variables."""
    return [KNOBS[type(owner)].hold(owner) for owner in structure.owners]


def variables(model: keras.Model) -> list[Any]:
    """Everything that an epoch leaves behind: weights, random states, the optimizer's."""
    return [*model.variables, *model.optimizer.variables]
