"""The search space: a frozen dataclass whose fields say what may vary.

    @dataclass(frozen=True)
    class Digits:
        optimizer: str = choice("sgd", "adam", baseline="adam")
        learning_rate: float = real(1e-4, 1e-1, log=True, baseline=1e-3)
        epochs: int = integer(5, 20, baseline=10)
        units: int = 64                      # no range: fixed

`Digits()` is the baseline. One line per hyperparameter carries everything that the sampler, the
comparisons, the tables and the manifest need. Ranges are Optuna's: the argument order and words are
those of `suggest_int`, `suggest_float` and `suggest_categorical`.
"""

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar, cast

from optisearch.errors import Problem

Scalar = bool | int | float | str | None
T = TypeVar("T")

# `seed` is a parameter of the compare and confirm stages.
RESERVED = frozenset({"seed"})
_KEY = "optisearch"
# optuna.storages RDB: study_name, param_name and attribute keys are VARCHAR(512).
_NAME_LENGTH = 512


class Trial(Protocol):
    """The part of `optuna.Trial` that a space needs."""

    def suggest_int(
        self, name: str, low: int, high: int, *, step: int = 1, log: bool = False
    ) -> int: ...
    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float: ...
    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Factor(ABC):
    """One ranged field of a space.

    Attributes:
        name: The field's name.
        baseline: The field's value in `Space()`.
        levels: The values a comparison visits. A `Comparison` of its own may go beyond the range.
        when: The conditions under which the factor has a meaning: field → accepted values.
        searched: False for a factor that is compared but never searched.
    """

    name: str = ""
    baseline: Any
    levels: tuple[Any, ...] = ()
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    searched: bool = True
    kind: ClassVar[str]

    @abstractmethod
    def suggest(self, trial: Trial) -> Any:
        """Let the trial's sampler choose a value."""

    @abstractmethod
    def describe(self) -> str:
        """The range in a few words: `1e-4 … 1, log`, `sgd | adam`."""

    @abstractmethod
    def range_problems(self) -> Iterator[Problem]:
        """What is wrong with the range, the baseline and the levels."""

    def problem(self, what: str, remedy: str) -> Problem:
        return Problem(self.name, what, remedy)

    def as_dict(self) -> dict[str, Any]:
        """The factor as JSON values, in the order of its declaration, defaults left out."""
        stored: dict[str, Any] = {"name": self.name, "kind": self.kind}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if item.name in {"name", "type"} or value in ((), {}) or value == item.default:
                continue
            if isinstance(value, Mapping):
                value = {key: list(values) for key, values in value.items()}
            stored[item.name] = list(value) if isinstance(value, tuple) else value
        return stored


@dataclass(frozen=True, kw_only=True)
class Number(Factor):
    """An integer or real range `[low, high]`, both ends included."""

    low: float
    high: float
    log: bool = False
    step: float | None = None
    type: type[int] | type[float]

    @property
    def kind(self) -> str:  # type: ignore[override]  # derived from the type, not stored twice
        return "integer" if self.type is int else "real"

    def suggest(self, trial: Trial) -> int | float:
        if self.type is int:
            step = int(self.step or 1)
            return trial.suggest_int(
                self.name, int(self.low), int(self.high), step=step, log=self.log
            )
        return trial.suggest_float(self.name, self.low, self.high, step=self.step, log=self.log)

    def describe(self) -> str:
        words = [f"{self.low:g} … {self.high:g}"]
        if self.log:
            words.append("log")
        if self.step not in (None, 1):
            words.append(f"step {self.step:g}")
        return ", ".join(words)

    def _is_of_type(self, value: object) -> bool:
        if isinstance(value, bool):
            return False
        if self.type is int:
            return isinstance(value, int)
        return isinstance(value, int | float) and math.isfinite(value)

    def range_problems(self) -> Iterator[Problem]:
        word = self.kind
        bounds = {"low": self.low, "high": self.high}
        odd = [name for name, value in bounds.items() if not self._is_of_type(value)]
        for name in odd:
            yield self.problem(f"{name} is {bounds[name]!r}", f"make it a finite {word}")
        if self.step is not None and (not self._is_of_type(self.step) or self.step <= 0):
            yield self.problem(f"step is {self.step!r}", f"make it a positive {word}")
            odd.append("step")
        if not odd:
            yield from self._ordered_range_problems()
        for level in self.levels:
            if not self._is_of_type(level):
                yield self.problem(f"level {level!r} is no {word}", f"make it a finite {word}")
            elif not odd and (level < self.low <= self.high or level > self.high >= self.low):
                yield self.problem(
                    f"level {level:g} lies outside the range {self.low:g} … {self.high:g}",
                    "widen the range, or name the level in a Comparison",
                )
        yield from _duplicate_problems(self, "level", self.levels)

    def _ordered_range_problems(self) -> Iterator[Problem]:
        span = f"{self.low:g} … {self.high:g}"
        if self.low > self.high:
            yield self.problem(f"low {self.low:g} is above high {self.high:g}", "swap them")
        if self.log and self.low <= 0:
            yield self.problem(
                f"a log range can't begin at {self.low:g}", "raise low above zero, or drop log"
            )
        if self.log and self.step is not None and (self.type is float or self.step != 1):
            yield self.problem("log and step exclude one another", "drop one of them")
        if not self._is_of_type(self.baseline):
            yield self.problem(f"baseline {self.baseline!r} is no {self.kind}", "correct it")
        elif self.low <= self.high and not self.low <= self.baseline <= self.high:
            yield self.problem(
                f"baseline {self.baseline:g} lies outside the range {span}",
                "move the baseline or widen the range",
            )


@dataclass(frozen=True, kw_only=True)
class Choice(Factor):
    """One of several options: strings, numbers, booleans or None."""

    options: tuple[Any, ...]
    kind: ClassVar[str] = "choice"

    def suggest(self, trial: Trial) -> Any:
        return trial.suggest_categorical(self.name, self.options)

    def describe(self) -> str:
        return " | ".join(str(option) for option in self.options)

    def range_problems(self) -> Iterator[Problem]:
        if not self.options:
            yield self.problem("the choice is empty", 'name its options: choice("a", "b", …)')
            return
        for option in self.options:
            if not isinstance(option, Scalar):
                yield self.problem(
                    f"option {option!r} is a {type(option).__name__}",
                    "use a string, number, boolean or None, and look the object up in build",
                )
            elif isinstance(option, float) and not math.isfinite(option):
                yield self.problem(f"option {option!r} isn't finite", "use a finite number")
        yield from _duplicate_problems(self, "option", self.options)
        if self.baseline not in self.options:
            yield self.problem(
                f"baseline {self.baseline!r} is not among the options {self.describe()}",
                "choose one of them, or add it",
            )


def _duplicate_problems(factor: Factor, word: str, values: Sequence[Any]) -> Iterator[Problem]:
    seen: list[Any] = []
    for value in values:
        if value in seen:  # by ==, as Optuna looks options up: 1, 1.0 and True are the same to it
            yield factor.problem(f"{word} {value!r} is there twice", "remove one")
        seen.append(value)


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
    return dataclasses.field(default=factor.baseline, metadata={_KEY: factor})


def _conditions(when: Mapping[str, Any] | None) -> dict[str, tuple[Any, ...]]:
    return {
        name: tuple(values) if isinstance(values, list | tuple | set | frozenset) else (values,)
        for name, values in (when or {}).items()
    }


def factors(space: type) -> dict[str, Factor]:
    """The ranged fields of a space by name, in the order of their declaration."""
    return {
        item.name: dataclasses.replace(item.metadata[_KEY], name=item.name)
        for item in dataclasses.fields(space)
        if _KEY in item.metadata
    }


def fixed(space: type) -> dict[str, Any]:
    """The fields without a range by name, with their values."""
    baseline = space()
    return {
        item.name: getattr(baseline, item.name)
        for item in dataclasses.fields(space)
        if _KEY not in item.metadata
    }


def has_own_suggest(space: type) -> bool:
    """Whether the space samples itself with `@classmethod suggest(cls, trial)`."""
    return callable(getattr(space, "suggest", None))


def suggest(space: type[T], trial: Trial) -> T:
    """One point of the space, its active factors chosen by the trial's sampler.

    Factors are asked in the order of their conditions; one whose `when` doesn't hold is not
    sampled and keeps its baseline.
    """
    if has_own_suggest(space):
        return cast("T", space.suggest(trial))  # type: ignore[attr-defined]
    declared = factors(space)
    point: dict[str, Any] = {}
    for factor in _by_condition(declared):
        if factor.searched and is_active(factor, declared, point | fixed(space)):
            point[factor.name] = factor.suggest(trial)
    return space(**point)


def baseline_point(space: type) -> dict[str, Any]:
    """The baseline's searched and active factors: what the search's first trial is given.

    Empty for a space that samples itself.
    """
    if has_own_suggest(space):
        return {}
    declared = factors(space)
    return {
        factor.name: factor.baseline
        for factor in declared.values()
        if factor.searched and is_active(factor, declared, fixed(space))
    }


def is_active(factor: Factor, declared: Mapping[str, Factor], point: Mapping[str, Any]) -> bool:
    """Whether a factor's conditions hold in a point.

    A missing field has its baseline. A condition on a factor that is itself switched off doesn't
    hold, whatever value it keeps.
    """
    for name, accepted in factor.when.items():
        parent = declared.get(name)
        if parent is not None and not is_active(parent, declared, point):
            return False
        if point.get(name, parent.baseline if parent else None) not in accepted:
            return False
    return True


def _by_condition(declared: Mapping[str, Factor]) -> list[Factor]:
    """Parents before children, otherwise in the order of declaration. Needs an acyclic space."""
    ordered: dict[str, Factor] = {}

    def place(factor: Factor) -> None:
        for name in factor.when:
            if name in declared and name not in ordered:
                place(declared[name])
        ordered.setdefault(factor.name, factor)

    for factor in declared.values():
        place(factor)
    return list(ordered.values())


def problems(space: object) -> list[Problem]:
    """Everything that is wrong with a space."""
    if not isinstance(space, type) or not dataclasses.is_dataclass(space):
        return [
            Problem("space", f"{space!r} is no dataclass", "decorate it: @dataclass(frozen=True)")
        ]
    found: list[Problem] = []
    if not space.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # typeshed hides it
        found.append(
            Problem(space.__name__, "the dataclass isn't frozen", "@dataclass(frozen=True)")
        )
    found += [
        Problem(item.name, "it has no value", "give it a value or a range")
        for item in dataclasses.fields(space)
        if item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
    ]
    if not found:
        found += _baseline_problems(space)
    declared = factors(space)
    for factor in declared.values():
        found += _name_problems(factor)
        found += factor.range_problems()
        found += _condition_problems(factor, declared, space)
    found += _cycle_problems(declared)
    if not has_own_suggest(space) and not any(factor.searched for factor in declared.values()):
        found.append(
            Problem(
                space.__name__, "nothing is searched", "give a field a range: real(…), choice(…)"
            )
        )
    return found


def _baseline_problems(space: type) -> Iterator[Problem]:
    try:
        space()
    except Exception as error:
        yield Problem(
            space.__name__,
            f"{space.__name__}() raises {type(error).__name__}: {error}",
            "let it accept its own baseline",
        )


def _name_problems(factor: Factor) -> Iterator[Problem]:
    if factor.name in RESERVED:
        yield factor.problem("the name is OptiSearch's own", "choose another name")
    if len(factor.name) > _NAME_LENGTH:
        yield factor.problem(
            f"the name has {len(factor.name)} characters",
            f"Optuna holds {_NAME_LENGTH}: shorten it",
        )


def _condition_problems(
    factor: Factor, declared: Mapping[str, Factor], space: type
) -> Iterator[Problem]:
    names = [item.name for item in dataclasses.fields(space)]
    for name, accepted in factor.when.items():
        if name not in names:
            yield factor.problem(
                f"`when` names {name!r}, which is no field of {space.__name__}",
                f"use one of {', '.join(other for other in names if other != factor.name)}",
            )
            continue
        if not accepted:
            yield factor.problem(
                f"`when` accepts no value of {name}", "name those that switch it on"
            )
        parent = declared.get(name)
        if isinstance(parent, Choice):
            for value in accepted:
                if value not in parent.options:
                    yield factor.problem(
                        f"`when` accepts {name}={value!r}, which is no option of it",
                        f"use one of {parent.describe()}",
                    )


def _cycle_problems(declared: Mapping[str, Factor]) -> Iterator[Problem]:
    reported: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> Iterator[Problem]:
        if name in path:
            cycle = path[path.index(name) :]
            if not reported.intersection(cycle):
                reported.update(cycle)
                yield Problem(
                    name,
                    f"the conditions go round in a circle: {' → '.join((*cycle, name))}",
                    "remove one of the `when`s",
                )
            return
        if name in declared:
            for parent in declared[name].when:
                yield from walk(parent, (*path, name))

    for name in declared:
        yield from walk(name, ())
