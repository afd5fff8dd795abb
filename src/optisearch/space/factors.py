"""A factor: one ranged field of a space, with all that is known of it."""

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from optisearch.errors import Problem

Scalar = bool | int | float | str | None


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
    def accepts(self, value: object) -> bool:
        """Whether a value has the type of this factor: an option of a choice; wherever a number
        lies."""

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

    def accepts(self, value: object) -> bool:
        if isinstance(value, bool):
            return False
        if self.type is int:
            return isinstance(value, int)
        return isinstance(value, int | float) and math.isfinite(value)

    def range_problems(self) -> Iterator[Problem]:
        word = self.kind
        bounds = {"low": self.low, "high": self.high}
        odd = [name for name, value in bounds.items() if not self.accepts(value)]
        for name in odd:
            yield self.problem(f"{name} is {bounds[name]!r}", f"make it a finite {word}")
        if self.step is not None and (not self.accepts(self.step) or self.step <= 0):
            yield self.problem(f"step is {self.step!r}", f"make it a positive {word}")
            odd.append("step")
        if not odd:
            yield from self._ordered_range_problems()
        for level in self.levels:
            if not self.accepts(level):
                yield self.problem(f"level {level!r} is no {word}", f"make it a finite {word}")
            elif not odd and (level < self.low <= self.high or level > self.high >= self.low):
                yield self.problem(
                    f"level {level:g} lies outside the range {self.low:g} … {self.high:g}",
                    "widen the range, or name the level in a Comparison",
                )
        yield from _duplicate_problems(self, "level", self.levels)

    def _grid_problems(self) -> Iterator[Problem]:
        """A step that doesn't lead to the end of the range, or to the baseline."""
        step = self.step or 0
        for name, value in (("high", self.high), ("baseline", self.baseline)):
            steps = (value - self.low) / step
            if not math.isclose(steps, round(steps), abs_tol=1e-9):
                yield self.problem(
                    f"steps of {step:g} from {self.low:g} don't lead to {name} {value:g}",
                    f"move {name}, or change the step",
                )

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
        if not self.accepts(self.baseline):
            yield self.problem(f"baseline {self.baseline!r} is no {self.kind}", "correct it")
        elif self.low <= self.high and not self.low <= self.baseline <= self.high:
            yield self.problem(
                f"baseline {self.baseline:g} lies outside the range {span}",
                "move the baseline or widen the range",
            )
        elif self.low < self.high and self.step is not None:
            yield from self._grid_problems()


@dataclass(frozen=True, kw_only=True)
class Choice(Factor):
    """One of several options: strings, numbers, booleans or None."""

    options: tuple[Any, ...]
    kind: ClassVar[str] = "choice"

    def suggest(self, trial: Trial) -> Any:
        return trial.suggest_categorical(self.name, self.options)

    def accepts(self, value: object) -> bool:
        return value in self.options

    def describe(self) -> str:
        """The options in a row: `sgd | adam`."""
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
