"""Points of a space: its factors, its baseline, and one chosen by a sampler."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from optisearch.space.conditions import is_active
from optisearch.space.declaring import KEY
from optisearch.space.factors import Factor, Trial

T = TypeVar("T")


def factors(space: type) -> dict[str, Factor]:
    """The ranged fields of a space by name, in the order of their declaration."""
    return {
        item.name: dataclasses.replace(item.metadata[KEY], name=item.name)
        for item in dataclasses.fields(space)
        if KEY in item.metadata
    }


def fixed(space: type) -> dict[str, Any]:
    """The fields without a range by name, with their values."""
    baseline = space()
    return {
        item.name: getattr(baseline, item.name)
        for item in dataclasses.fields(space)
        if KEY not in item.metadata
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
    for factor in by_condition(declared):
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


def by_condition(declared: Mapping[str, Factor]) -> list[Factor]:
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
