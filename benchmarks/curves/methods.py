"""The ways to search that are compared: a sampler, and a pruner beside it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, SuccessiveHalvingPruner

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


# Gentler pruners: what they give away in epochs, they may gain in winners kept.
_GENTLER: dict[str, MakePruner] = {
    "median, after 10 trials": lambda _: MedianPruner(10, 1, n_min_trials=10),
    "median, from epoch 4": lambda _: MedianPruner(5, 3, n_min_trials=5),
    "asha, from epoch 3": lambda _: SuccessiveHalvingPruner(min_resource=2, reduction_factor=3),
    "hyperband, factor 2": lambda most: HyperbandPruner(1, most, reduction_factor=2),
}
VARIANTS = tuple(Method(f"tpe + {name}", "tpe", make) for name, make in _GENTLER.items())
