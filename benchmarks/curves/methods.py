"""The ways to search that are compared: a sampler, and a pruner beside it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
)

from optisearch import pruners, samplers

# A Gaussian process takes a time that grows with the third power of the trials.
GP_TRIALS = 100
# The largest number of epochs → a pruner.
MakePruner = Callable[[int], BasePruner]


@dataclass(frozen=True)
class Method:
    """One way to search.

    Attributes:
        name: `tpe + median`.
        sampler: One of `optisearch.samplers.NAMES`.
        make_pruner: The pruner for a largest number of epochs.
        most_trials: After so many the search is given up, where proposing gets too slow.
    """

    name: str
    sampler: str
    make_pruner: MakePruner
    most_trials: float = math.inf

    @classmethod
    def of(cls, sampler: str, pruner: str = "none") -> "Method":
        """As `optisearch run --sampler … --pruner …` searches."""
        name = sampler if pruner == "none" else f"{sampler} + {pruner}"
        most = GP_TRIALS if sampler == "gp" else math.inf
        return cls(name, sampler, partial(pruners.make_pruner, pruner), most)


RANDOM = Method.of("random")
ASHA = Method.of("random", "asha")
HYPERBAND = Method.of("random", "hyperband")
DEFAULT = Method.of(samplers.DEFAULT, pruners.DEFAULT)
# What Li et al. 2020 compare, as far as it is here.
PUBLISHED = (RANDOM, ASHA, HYPERBAND)
QUICK = (RANDOM, Method.of("tpe"), ASHA, DEFAULT)
METHODS = (
    RANDOM,
    Method.of("qmc"),
    Method.of("tpe"),
    Method.of("gp"),
    ASHA,
    HYPERBAND,
    Method.of("random", "median"),
    Method.of("tpe", "median"),
    Method.of("tpe", "percentile"),
    Method.of("tpe", "asha"),
    Method.of("tpe", "hyperband"),
)


def _variants() -> dict[str, MakePruner]:
    """Other parameters of the same pruners."""

    def median(startup: int, grace: int) -> MakePruner:
        return lambda _: MedianPruner(startup, grace, n_min_trials=startup)

    def percentile(share: float, startup: int = 5) -> MakePruner:
        return lambda _: PercentilePruner(share, startup, 1, n_min_trials=startup)

    def asha(factor: int, grace: int = 1) -> MakePruner:
        return lambda _: SuccessiveHalvingPruner(min_resource=grace, reduction_factor=factor)

    def hyperband(factor: int) -> MakePruner:
        return lambda most: HyperbandPruner(1, most, factor)

    return {
        "median, after 3 trials": median(3, 1),
        "median, after 10 trials": median(10, 1),
        "median, from epoch 1": median(5, 0),
        "median, from epoch 4": median(5, 3),
        "percentile 10": percentile(10.0),
        "percentile 40": percentile(40.0),
        "percentile 25, after 10 trials": percentile(25.0, 10),
        "asha, factor 2": asha(2),
        "asha, factor 4": asha(4),
        "asha, factor 3, from epoch 3": asha(3, 2),
        "hyperband, factor 2": hyperband(2),
        "hyperband, factor 4": hyperband(4),
    }


VARIANTS = tuple(Method(f"tpe + {name}", "tpe", make) for name, make in _variants().items())
