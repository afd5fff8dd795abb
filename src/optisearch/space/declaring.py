"""`integer`, `real` and `choice`: the line that declares a hyperparameter."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from optisearch.space.factors import Choice, Factor, Number

T = TypeVar("T")
KEY = "optisearch"


def integer(
    low: int,
    high: int,
    *,
    baseline: int,
    log: bool = False,
    step: int = 1,
    levels: Sequence[int] = (),
    when: Mapping[str, Any] | None = None,
    searched: bool = True,
) -> int:
    """A whole number from `low` to `high`, both included. See `optuna.Trial.suggest_int`.

    Args:
        low: The smallest value.
        high: The largest value.
        baseline: The value in `Space()`.
        log: Sample evenly in the logarithm.
        step: The distance between two values.
        levels: The values a comparison visits.
        when: The fields and values under which this one has a meaning:
            `when={"regularization": ("l1", "l2")}`. Elsewhere it keeps its baseline.
        searched: False: compared, never searched.

    Returns:
        A `dataclasses.field`, typed as the plain value it stands for.
    """
    return cast(
        "int",
        _field(
            Number(
                baseline=baseline,
                levels=tuple(levels),
                when=_conditions(when),
                searched=searched,
                low=low,
                high=high,
                log=log,
                step=step,
                type=int,
            )
        ),
    )


def real(
    low: float,
    high: float,
    *,
    baseline: float,
    log: bool = False,
    step: float | None = None,
    levels: Sequence[float] = (),
    when: Mapping[str, Any] | None = None,
    searched: bool = True,
) -> float:
    """A real number from `low` to `high`. See `optuna.Trial.suggest_float` and `integer`."""
    return cast(
        "float",
        _field(
            Number(
                baseline=baseline,
                levels=tuple(levels),
                when=_conditions(when),
                searched=searched,
                low=low,
                high=high,
                log=log,
                step=step,
                type=float,
            )
        ),
    )


def choice(
    *options: T, baseline: T, when: Mapping[str, Any] | None = None, searched: bool = True
) -> T:
    """One of `options`. See `optuna.Trial.suggest_categorical` and `integer`."""
    return cast(
        "T",
        _field(
            Choice(
                baseline=baseline,
                levels=options,
                when=_conditions(when),
                searched=searched,
                options=options,
            )
        ),
    )


def _field(factor: Factor) -> Any:
    return dataclasses.field(default=factor.baseline, metadata={KEY: factor})


def _conditions(when: Mapping[str, Any] | None) -> dict[str, tuple[Any, ...]]:
    return {
        name: tuple(values) if isinstance(values, list | tuple | set | frozenset) else (values,)
        for name, values in (when or {}).items()
    }
