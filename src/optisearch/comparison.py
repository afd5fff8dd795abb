"""What is compared: one factor's levels, each trained alone over several seeds."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from difflib import get_close_matches
from typing import Any

from optisearch import space as spaces
from optisearch.errors import Problem
from optisearch.space import Choice, Factor


@dataclass(frozen=True)
class Comparison:
    """One factor's levels, each trained alone over several seeds.

    Attributes:
        factor: The field that is compared.
        name: A name of its own where one factor is compared twice.
        levels: The values; by default those of the factor. They may lie outside its range.
        tune: Factors searched again for each level, so that the comparison is fair. It is made
            twice then: as it stands, and tuned.
        base: Values other than the baseline's that the comparison is made at.
        seeds: How many seeds, or None for the command's.
        measure: A recorded metric, at its last epoch; `best_` and the study's metric, at its best;
            `seconds`, `seconds_per_epoch`, `epochs_to_target`, `seconds_to_target`, `parameters`.
            By default the study's metric.
        title: The table's heading.
        published: Figures printed elsewhere, by level. Of times, only their ratios count.
        tolerance: Half the width of the band in which a published figure holds.
        source: Where the figures were published.
        target: The study's metric that `epochs_to_target` waits for; by default the study's target,
            or else what the baseline reaches, on average, at half of its epochs.
    """

    factor: str
    _: KW_ONLY
    name: str = ""
    levels: Sequence[Any] = ()
    tune: Sequence[str] = ()
    base: Mapping[str, Any] = field(default_factory=dict)
    seeds: int | None = None
    measure: str = ""
    title: str = ""
    published: Mapping[Any, float] = field(default_factory=dict)
    tolerance: float = 0.0
    source: str = ""
    target: float | None = None

    @property
    def label(self) -> str:
        """What it is called on command lines and in tables."""
        return self.name or self.factor


def problems(comparisons: Iterable[Comparison], space: type) -> Iterator[Problem]:
    """Everything that is wrong with a study's comparisons."""
    declared = spaces.factors(space)
    listed = list(comparisons)
    for label, count in Counter(str(comparison.label) for comparison in listed).items():
        if count > 1:
            yield Problem(
                f"comparison {label!r}", f"there are {count} of that name", "give each a name=…"
            )
    for comparison in listed:
        where = f"comparison {comparison.label!r}"
        found = list(_unknown(comparison, declared, space))
        found = found or [
            *_level_problems(comparison, declared[comparison.factor]),
            *_tune_problems(comparison),
            *_base_problems(comparison, declared, spaces.fixed(space)),
            *_number_problems(comparison),
        ]
        for what, remedy in found:
            yield Problem(where, what, remedy)


_Found = Iterator[tuple[str, str]]


def _unknown(comparison: Comparison, declared: Mapping[str, Factor], space: type) -> _Found:
    fixed = spaces.fixed(space)
    for name in (comparison.factor, *comparison.tune, *comparison.base):
        if name in declared:
            continue
        if name in fixed:
            yield f"{name!r} is fixed", "give it a range, with searched=False to keep it unsearched"
            continue
        near = get_close_matches(str(name), declared, 1)
        remedy = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(declared)}"
        yield f"{name!r} is no factor of {space.__name__}", remedy


def _level_problems(comparison: Comparison, factor: Factor) -> _Found:
    for level in comparison.levels:
        yield from _value_problems(factor, level, "level")
    if len(comparison.levels) == 1:
        yield "there is one level", "a comparison needs two"
    levels: list[Any] = []
    for level in comparison.levels:
        if level in levels:
            yield f"level {level!r} is there twice", "remove one"
        levels.append(level)
    visited = levels or list(factor.levels) or None
    for level in comparison.published:
        if visited is not None and level not in visited:
            yield f"a figure is published for {level!r}, which is no level", "correct either"


def _value_problems(factor: Factor, value: Any, word: str) -> _Found:
    if factor.accepts(value):
        return
    if isinstance(factor, Choice):
        near = get_close_matches(str(value), map(str, factor.options), 1)
        remedy = f"did you mean {near[0]!r}?" if near else f"use one of {factor.describe()}"
        yield f"{word} {value!r} is no option of {factor.name}", remedy
    else:
        yield f"{word} {value!r} is no {factor.kind} for {factor.name}", "correct it"


def _tune_problems(comparison: Comparison) -> _Found:
    for name in comparison.tune:
        if name == comparison.factor:
            yield f"`tune` names {name!r}, the factor that is compared", "leave it out of `tune`"
        elif name in comparison.base:
            yield f"{name!r} is in `tune` and in `base`", "keep it in one of them"
    if len(set(comparison.tune)) < len(comparison.tune):
        yield "`tune` names a factor twice", "remove one"


def _base_problems(
    comparison: Comparison, declared: Mapping[str, Factor], fixed: Mapping[str, Any]
) -> _Found:
    for name, value in comparison.base.items():
        if name == comparison.factor:
            yield f"`base` sets {name!r}, the factor that is compared", "leave it out of `base`"
        else:
            yield from _value_problems(declared[name], value, f"base {name}=")
    factor = declared[comparison.factor]
    point = {**fixed, **comparison.base}
    if not spaces.is_active(factor, declared, point):
        conditions = " and ".join(
            f"{name}={accepted[0]!r}" for name, accepted in factor.when.items()
        )
        yield (
            f"{factor.name} has no meaning at the baseline",
            f"switch it on with base={{…}}: it needs {conditions}",
        )
    for name in comparison.base:
        if name in declared and not _may_be_active(declared[name], declared, point, comparison):
            yield f"`base` sets {name!r}, which has no meaning there", "leave it out"


def _may_be_active(
    factor: Factor, declared: Mapping[str, Factor], point: Mapping[str, Any], by: Comparison
) -> bool:
    """Whether a factor is switched on at any of the levels."""
    levels = by.levels or declared[by.factor].levels or (declared[by.factor].baseline,)
    return any(spaces.is_active(factor, declared, {**point, by.factor: level}) for level in levels)


def _number_problems(comparison: Comparison) -> _Found:
    seeds = comparison.seeds
    if seeds is not None and (not isinstance(seeds, int) or seeds < 1):
        yield f"seeds={seeds!r} is no number of seeds", "give 1 or more"
    for level, figure in comparison.published.items():
        if not isinstance(figure, int | float) or not math.isfinite(figure):
            yield f"the figure {figure!r} published for {level!r} is no number", "correct it"
    if not comparison.tolerance >= 0:
        yield f"tolerance={comparison.tolerance!r} is no width", "give 0 or more"
