"""What a stage says about itself: its stored manifest, settings and budget."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optuna.distributions import BaseDistribution

from optisearch.errors import OptisearchError
from optisearch.objectives import Direction, Objective, read_objectives
from optisearch.record import BUDGET, MANIFEST, METRIC_NAMES, SEED, SETTINGS
from optisearch.space.stored import FactorInfo, active_point

_FORMAT = 1


@dataclass(frozen=True)
class StageInfo:
    """What was asked in a stage.

    Attributes:
        name: The name of the `optuna.Study`: `mnist-digits/search`.
        study: The study's own name: `mnist`.
        stage: `search`, `compare` or `confirm`; empty for an `optuna.Study` that isn't ours.
        title: The question, as the study file's first line puts it.
        metric: The name of what is optimized; of several objectives that of the first.
        direction: `maximize` or `minimize`, of that.
        others: The further objectives: a search's trials have a value for each.
        unweighed: Objectives of the study that this stage hasn't: it is about the first.
        factors: What varies, in the order of its declaration.
        fixed: The fields without a range, with their values.
        trials: How many trials are to be trained in all; None where nothing says.
        seeds: How many seeds each row of a comparison is to have; None in a search.
        target: The value of the metric that time to accuracy waits for; None where none is named.
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
    seeds: int | None = None
    patience: int | None = None
    target: float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    declared: bool = False
    others: tuple[Objective, ...] = ()
    unweighed: tuple[Objective, ...] = ()

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """All of them, in the order of a trial's values."""
        return (Objective(self.metric, self.direction), *self.others)

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
        if not self.declared:
            return {}
        return active_point(self.factors, {}, self.fixed)


def read_info(
    name: str,
    directions: Sequence[Direction],
    attributes: Mapping[str, Any],
    sampled: Iterable[Mapping[str, BaseDistribution]],
) -> StageInfo:
    """A stage's own words.

    Args:
        name: The name of the `optuna.Study`.
        directions: That of each of its objectives.
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
    objectives = _objectives(directions, manifest, attributes.get(METRIC_NAMES) or ())
    settings = attributes.get(SETTINGS) or {}
    budget = attributes.get(BUDGET) or {}
    return StageInfo(
        name=name,
        study=manifest.get("study", name),
        stage=settings.get("stage", ""),
        title=manifest.get("title", ""),
        metric=objectives[0].name,
        direction=directions[0],
        factors=tuple(factors.values()),
        fixed=space.get("fixed") or {},
        trials=budget.get("trials"),
        seeds=budget.get("seeds"),
        patience=budget.get("patience"),
        target=manifest.get("target"),
        settings=settings,
        data=manifest.get("data") or {},
        versions=manifest.get("versions") or {},
        file=manifest.get("file", ""),
        declared=bool(manifest),
        others=objectives[1 : len(directions)],
        unweighed=objectives[len(directions) :],
    )


def _objectives(
    directions: Sequence[Direction], manifest: Mapping[str, Any], names: Sequence[str]
) -> tuple[Objective, ...]:
    """Of ours the study's; of any other `optuna.Study` what it says of its own."""
    if "objectives" in manifest:
        return read_objectives(manifest)
    unnamed = [f"value {at}" for at in range(1, len(directions))]
    return tuple(map(Objective, names or [manifest.get("metric", "value"), *unnamed], directions))
