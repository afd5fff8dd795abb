"""What a stage says about itself: its stored manifest, settings and budget."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from optisearch.errors import OptisearchError
from optisearch.record import BUDGET, MANIFEST, SEED, SETTINGS

Direction = Literal["maximize", "minimize"]

_FORMAT = 1


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
    def from_distribution(cls, name: str, sampled: BaseDistribution) -> "FactorInfo":
        if isinstance(sampled, CategoricalDistribution):
            return cls(name, "choice", options=tuple(sampled.choices))
        if isinstance(sampled, FloatDistribution | IntDistribution):
            kind = "integer" if isinstance(sampled, IntDistribution) else "real"
            return cls(
                name, kind, low=sampled.low, high=sampled.high, log=sampled.log, step=sampled.step
            )
        return cls(name, "choice")


@dataclass(frozen=True)
class StageInfo:
    """What was asked in a stage.

    Attributes:
        name: The name of the `optuna.Study`: `mnist-digits/search`.
        study: The study's own name: `mnist`.
        stage: `search`, `compare` or `confirm`; empty for an `optuna.Study` that isn't ours.
        title: The question, as the study file's first line puts it.
        metric: The name of what is optimized.
        direction: `maximize` or `minimize`.
        factors: What varies, in the order of its declaration.
        fixed: The fields without a range, with their values.
        trials: How many trials are to be trained in all; None where nothing says.
        patience: After how many trials without improvement the stage ends; None: never.
        settings: The sampler, the pruner and the seed.
        data: The data's name, fingerprint, sizes and note.
        versions: The versions of Python and of the libraries the stage was begun with.
        file: The study file, as it was given.
        declared: False for an `optuna.Study` that isn't ours.
    """

    name: str
    study: str
    stage: str
    title: str
    metric: str
    direction: Direction
    factors: tuple[FactorInfo, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    trials: int | None = None
    patience: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    declared: bool = False

    @property
    def maximize(self) -> bool:
        return self.direction == "maximize"

    def rank(self, value: float) -> float:
        """A key that sorts the better of two values first."""
        return -value if self.maximize else value

    def ordered(self, params: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """A trial's settings in the order of their declaration, undeclared ones last."""
        declared = [factor.name for factor in self.factors if factor.name in params]
        return [(name, params[name]) for name in dict.fromkeys([*declared, *params])]

    def baseline(self) -> dict[str, Any]:
        """The baseline's value of each factor that has a meaning there."""
        declared = {factor.name: factor for factor in self.factors}

        def active(factor: FactorInfo) -> bool:
            return all(holds(name, accepted) for name, accepted in factor.when.items())

        def holds(name: str, accepted: tuple[Any, ...]) -> bool:
            parent = declared.get(name)
            if parent is None:
                return self.fixed.get(name) in accepted
            return active(parent) and parent.baseline in accepted

        if not self.declared:
            return {}
        return {factor.name: factor.baseline for factor in self.factors if active(factor)}


def read_info(
    name: str,
    direction: Direction,
    attributes: Mapping[str, Any],
    sampled: Iterable[Mapping[str, BaseDistribution]],
) -> StageInfo:
    """A stage's own words.

    Args:
        name: The name of the `optuna.Study`.
        direction: Its direction.
        attributes: Its system attributes.
        sampled: The distributions of each trial: they tell of what no manifest declares (a
            space that samples itself, an `optuna.Study` that isn't ours).

    Raises:
        OptisearchError: A newer OptiSearch stored it.
    """
    manifest = attributes.get(MANIFEST) or {}
    if manifest.get("format", _FORMAT) > _FORMAT:
        raise OptisearchError(
            "a newer version of OptiSearch stored this study",
            where=name,
            remedy="Update it: pip install --upgrade optisearch",
        )
    space = manifest.get("space") or {}
    declared = map(FactorInfo.from_manifest, space.get("factors", ()))
    factors = {factor.name: factor for factor in declared}
    for distributions in sampled:
        for key, distribution in distributions.items():
            if key not in factors and not (manifest and key == SEED):
                factors[key] = FactorInfo.from_distribution(key, distribution)
    settings = attributes.get(SETTINGS) or {}
    budget = attributes.get(BUDGET) or {}
    return StageInfo(
        name=name,
        study=manifest.get("study", name),
        stage=settings.get("stage", ""),
        title=manifest.get("title", ""),
        metric=manifest.get("metric", "value"),
        direction=direction,
        factors=tuple(factors.values()),
        fixed=space.get("fixed") or {},
        trials=budget.get("trials"),
        patience=budget.get("patience"),
        settings=settings,
        data=manifest.get("data") or {},
        versions=manifest.get("versions") or {},
        file=manifest.get("file", ""),
        declared=bool(manifest),
    )
