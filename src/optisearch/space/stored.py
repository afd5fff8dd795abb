"""Factors as a manifest stores them: what is known of a space without its code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optisearch.space.conditions import is_active

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


@dataclass(frozen=True)
class FactorInfo:
    """One hyperparameter, as the manifest declares it or as its trials were sampled.

    Attributes:
        name: The field's name.
        kind: `integer`, `real` or `choice`.
        baseline: Its value in the baseline; None where nothing declares one.
        low: The smallest value of a range.
        high: The largest value of a range.
        log: Whether the range is even in its logarithm.
        step: The distance between two values, if there is one.
        levels: The values a comparison visits.
        options: The options of a choice.
        when: The conditions under which it has a meaning: field → accepted values.
        searched: False for one that is compared but never searched.
    """

    name: str
    kind: str
    baseline: Any = None
    low: float | None = None
    high: float | None = None
    log: bool = False
    step: float | None = None
    levels: tuple[Any, ...] = ()
    options: tuple[Any, ...] = ()
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    searched: bool = True

    @classmethod
    def from_manifest(cls, stored: Mapping[str, Any]) -> "FactorInfo":
        known = {key: stored[key] for key in cls.__dataclass_fields__ if key in stored}
        for key in ("levels", "options"):
            known[key] = tuple(stored.get(key, ()))
        known["when"] = {key: tuple(values) for key, values in stored.get("when", {}).items()}
        return cls(**known)

    @classmethod
    def from_distribution(cls, name: str, sampled: "BaseDistribution") -> "FactorInfo":
        from optuna.distributions import (
            CategoricalDistribution,
            FloatDistribution,
            IntDistribution,
        )

        if isinstance(sampled, CategoricalDistribution):
            return cls(name, "choice", options=tuple(sampled.choices))
        if isinstance(sampled, FloatDistribution | IntDistribution):
            kind = "integer" if isinstance(sampled, IntDistribution) else "real"
            return cls(
                name, kind, low=sampled.low, high=sampled.high, log=sampled.log, step=sampled.step
            )
        return cls(name, "choice")

    def typed(self, value: Any) -> Any:
        """A value as this factor has it: 1 is 1.0 to a real one. A choice's is its option."""
        if self.kind == "choice":
            return next((option for option in self.options if option == value), value)
        return int(value) if self.kind == "integer" else float(value)


def active_point(
    factors: Sequence[FactorInfo], values: Mapping[str, Any], fixed: Mapping[str, Any]
) -> dict[str, Any]:
    """The factors that have a meaning at a point, with their values, in the order of declaration.

    Args:
        factors: All factors of the space.
        values: Values that differ from the baseline's; of factors that are switched off, ignored.
        fixed: The fields without a range.
    """
    declared = {factor.name: factor for factor in factors}
    point = {
        name: factor.typed(values[name]) if name in values else factor.baseline
        for name, factor in declared.items()
    }

    return {
        name: point[name]
        for name, factor in declared.items()
        if is_active(factor, declared, {**fixed, **point})
    }
