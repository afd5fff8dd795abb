"""Cells as Optuna's trials have them: parameters with the distributions they are said to come from.

Optuna wants a distribution for each parameter, of one kind and with one list of choices in all
trials of a study. A range is that of the factor, widened to hold the value.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from optisearch.plan.cells import Cell
from optisearch.record import SEED
from optisearch.space.stored import FactorInfo

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

_MOST = 2**31 - 1


def parameters(cell: Cell) -> dict[str, Any]:
    """A cell's parameters: its point, and its seed."""
    return {**cell.point, SEED: cell.seed}


def distributions(cell: Cell, factors: Sequence[FactorInfo]) -> "dict[str, BaseDistribution]":
    """A distribution for each of a cell's parameters."""
    from optuna.distributions import IntDistribution

    declared = {factor.name: factor for factor in factors}
    found = {name: _distribution(declared[name], value) for name, value in cell.point.items()}
    return {**found, SEED: IntDistribution(0, _MOST)}


def _distribution(factor: FactorInfo, value: Any) -> "BaseDistribution":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if factor.kind == "choice":
        return CategoricalDistribution(factor.options)
    assert factor.low is not None
    assert factor.high is not None
    low, high = min(factor.low, value), max(factor.high, value)
    log = factor.log and low > 0
    if factor.kind == "integer":
        return IntDistribution(int(low), int(high), log=log)
    return FloatDistribution(float(low), float(high), log=log)
