"""Whether given values make a point of a space: of `Study(known=…)`, or of an earlier study."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optisearch.space.conditions import is_active
from optisearch.space.factors import Choice, Factor, Number, Scalar
from optisearch.space.points import by_condition, factors, fixed, has_own_suggest


@dataclass(frozen=True)
class Fit:
    """What given values come to in a space.

    Attributes:
        point: The searched and active factors, as a trial's parameters: valid if nothing misfits.
        factors: The factors of the point, and those of given values that don't fit.
        misfits: Why these can't be: the name of a factor, or of the space → what is wrong.
        filled: The factors of the point that have their baseline, because nothing was given.
    """

    point: Mapping[str, Any]
    factors: Mapping[str, Factor]
    misfits: Mapping[str, str] = field(default_factory=dict)
    filled: Sequence[str] = ()


def fit(space: type, values: Mapping[str, Any]) -> Fit:
    """Make a point of the values: those without a meaning in it are left out, and what is missing
    has its baseline. A space that samples itself has none: there it misfits.

    Args:
        space: The space, free of problems.
        values: Values by name; names that the space doesn't know are left out.
    """
    found = _asked(space, values) if has_own_suggest(space) else _declared(space, values)
    if found.misfits or has_own_suggest(space):
        return found
    try:
        space(**found.point)
    except Exception as error:
        return Fit(found.point, found.factors, {space.__name__: _raises(error)}, found.filled)
    return found


def misfit(factor: Factor, value: object) -> str:
    """Why a sampler couldn't propose a value; empty where it could."""
    if isinstance(factor, Choice):
        is_option = isinstance(value, Scalar) and value in factor.options
        return "" if is_option else f"{value!r} is no option of {factor.describe()}"
    assert isinstance(factor, Number)
    if not factor.accepts(value):
        return f"{value!r} is no {factor.kind}"
    assert isinstance(value, int | float)
    if not factor.low <= value <= factor.high:
        return f"{value:g} lies outside {factor.low:g} … {factor.high:g}"
    steps = (value - factor.low) / (factor.step or 1)
    # Optuna is as patient.
    if factor.step is not None and not math.isclose(steps, round(steps), rel_tol=0, abs_tol=1e-8):
        return f"steps of {factor.step:g} from {factor.low:g} don't lead to {value:g}"
    return ""


def typed(factor: Factor, value: Any) -> Any:
    """A value that fits, as the factor has it: 1 is 1.0 to a real one. A choice's is its option."""
    if isinstance(factor, Choice):
        return next(option for option in factor.options if option == value)
    assert isinstance(factor, Number)
    return factor.type(value)


def _declared(space: type, values: Mapping[str, Any]) -> Fit:
    declared, constant = factors(space), fixed(space)
    point: dict[str, Any] = {}
    misfits: dict[str, str] = {}
    filled: list[str] = []
    for factor in by_condition(declared):
        name = factor.name
        if not factor.searched or not is_active(factor, declared, constant | point):
            continue
        point[name] = factor.baseline
        if name not in values:
            filled.append(name)
        elif wrong := misfit(factor, values[name]):
            misfits[name] = wrong
        else:
            point[name] = typed(factor, values[name])
    ordered = {name: point[name] for name in declared if name in point}
    return Fit(ordered, {name: declared[name] for name in ordered}, misfits, filled)


class _Unfit(Exception):
    """A space that samples itself asks for what wasn't given, or lies elsewhere."""


class _Given:
    """Stands in for the trial of a space that samples itself."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.point: dict[str, Any] = {}
        self.factors: dict[str, Factor] = {}
        self.misfits: dict[str, str] = {}

    def suggest_int(
        self, name: str, low: int, high: int, *, step: int = 1, log: bool = False
    ) -> int:
        return int(
            self._take(
                Number(name=name, baseline=low, low=low, high=high, step=step, log=log, type=int)
            )
        )

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        return float(
            self._take(
                Number(name=name, baseline=low, low=low, high=high, step=step, log=log, type=float)
            )
        )

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        return self._take(Choice(name=name, baseline=choices[0], options=tuple(choices)))

    def _take(self, factor: Factor) -> Any:
        name = factor.name
        self.factors[name] = factor
        if name not in self._values:
            self.misfits[name] = "it isn't given, and has no baseline"
        elif wrong := misfit(factor, self._values[name]):
            self.misfits[name] = wrong
        else:
            self.point[name] = typed(factor, self._values[name])
            return self.point[name]
        raise _Unfit


def _asked(space: type, values: Mapping[str, Any]) -> Fit:
    given = _Given(values)
    try:
        space.suggest(given)  # type: ignore[attr-defined]
    except _Unfit:
        pass
    except Exception as error:
        given.misfits[space.__name__] = f"suggest {_raises(error)}"
    return Fit(given.point, given.factors, given.misfits)


def _raises(error: Exception) -> str:
    return f"raises {type(error).__name__}: {error}"
