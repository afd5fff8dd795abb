"""Comparisons as they are stored: all that workers and readers need, without the study's code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optisearch import space as spaces
from optisearch.comparison import Comparison
from optisearch.plan import tuning
from optisearch.seeding import Purpose, seed
from optisearch.space import Choice, Factor, Number
from optisearch.study import Study

# The levels of a range that declares none, beside its baseline.
_SPREAD = (0.0, 1 / 3, 2 / 3, 1.0)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One comparison. Its attributes are those of `optisearch.Comparison`, completed.

    Attributes:
        name: Its own name, or the factor's.
        levels: In the order of the table.
        published: (level, figure) pairs.
        points: Where the tuned factors are tried: points of the unit cube, one coordinate for each
            factor of `tune`. The first `tuning.budget` of them, then those for widened ranges.
    """

    name: str
    factor: str
    levels: tuple[Any, ...]
    measure: str
    tune: tuple[str, ...] = ()
    base: Mapping[str, Any] = field(default_factory=dict)
    seeds: int | None = None
    title: str = ""
    published: tuple[tuple[Any, float], ...] = ()
    tolerance: float = 0.0
    source: str = ""
    target: float | None = None
    points: tuple[tuple[float, ...], ...] = ()

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> "Planned":
        known = {key: stored[key] for key in cls.__dataclass_fields__ if key in stored}
        for key in ("levels", "tune"):
            known[key] = tuple(known[key])
        for key in ("published", "points"):
            known[key] = tuple(tuple(row) for row in known[key])
        return cls(**known)

    def figure(self, level: Any) -> float | None:
        """What was published for a level."""
        return next((figure for of, figure in self.published if of == level), None)

    @property
    def reads_one_run(self) -> bool:
        """Whether the levels are moments of one run: those of `epochs` are."""
        return self.factor == "epochs"


def describe(study: Study, study_seed: int) -> list[dict[str, Any]]:
    """A study's comparisons as JSON values; every factor, one at a time, where it names none.

    Args:
        study: The study.
        study_seed: The stage's seed, which the points for tuning follow from.
    """
    declared = spaces.factors(study.space)
    comparisons = study.comparisons or _one_at_a_time(declared, study.space)
    return [_describe(each, declared, study, study_seed) for each in comparisons]


def _describe(
    comparison: Comparison, declared: Mapping[str, Factor], study: Study, study_seed: int
) -> dict[str, Any]:
    factor = declared[comparison.factor]
    levels = [_typed(factor, level) for level in comparison.levels or default_levels(factor)]
    drawn = seed(study_seed, 0, Purpose.TUNING_POINTS)
    tune = list(comparison.tune)
    return {
        "name": comparison.label,
        "factor": comparison.factor,
        "levels": levels,
        "measure": comparison.measure or study.metric,
        "tune": tune,
        "base": {name: _typed(declared[name], value) for name, value in comparison.base.items()},
        "seeds": comparison.seeds,
        "title": comparison.title,
        "published": [
            [_typed(factor, level), float(figure)] for level, figure in comparison.published.items()
        ],
        "tolerance": float(comparison.tolerance),
        "source": comparison.source,
        "target": study.target if comparison.target is None else comparison.target,
        "points": tuning.unit_points(len(tune), drawn) if tune else [],
    }


def _typed(factor: Factor, value: Any) -> Any:
    if isinstance(factor, Number):
        return factor.type(value)
    assert isinstance(factor, Choice)
    return next(option for option in factor.options if option == value)


def default_levels(factor: Factor) -> list[Any]:
    """The declared levels; of a range without any its ends, two between them, and the baseline."""
    if factor.levels:
        return list(factor.levels)
    assert isinstance(factor, Number)
    log = factor.log and factor.low > 0

    def at(unit: float) -> float:
        if log:
            return float(factor.low * (factor.high / factor.low) ** unit)
        return float(factor.low + (factor.high - factor.low) * unit)

    between = [_rounded(factor, at(unit)) for unit in _SPREAD[1:-1]]
    values = [factor.type(factor.low), *between, factor.type(factor.high), factor.baseline]
    return sorted(set(values))


def _rounded(factor: Number, value: float) -> int | float:
    """To the range's steps; else to two digits, or to as many as it takes to stay in the range."""
    if factor.step:
        value = factor.low + round((value - factor.low) / factor.step) * factor.step
    for digits in range(2, 17):
        rounded = factor.type(float(f"{value:.{digits}g}"))
        if factor.low < rounded < factor.high:
            return rounded
    return factor.type(value)


def _one_at_a_time(declared: Mapping[str, Factor], space: type) -> Sequence[Comparison]:
    fixed = spaces.fixed(space)
    return [
        Comparison(name, base=_switched_on(factor, declared, fixed))
        for name, factor in declared.items()
        if len(default_levels(factor)) > 1
    ]


def _switched_on(
    factor: Factor, declared: Mapping[str, Factor], fixed: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of other factors that a conditional one needs to have a meaning."""
    base: dict[str, Any] = {}
    for name, accepted in factor.when.items():
        if name in declared:
            base |= _switched_on(declared[name], declared, fixed)
            if declared[name].baseline not in accepted:
                base[name] = accepted[0]
    return base
