"""What measurements say and how sure it is: pure functions over numbers.

    table = compare_levels({"adam": {1: 0.98, 2: 0.97}, "sgd": {1: 0.92, 2: 0.93}}, "adam")

A measurement that isn't finite is a diverged one: means leave it out, counts don't. Repetitions are
paired by seed. Nothing here imports `scipy.stats`, which is slow to import: the distributions that
are needed are in `scipy.special`, imported when first used.

What no function here can know: the number of seeds has to be chosen before looking. Adding seeds
until something can be told apart, and looking after each, finds differences that aren't there more
often than the stated 5 %.
"""

from optisearch.statistics.best_of import ExpectedBest, equal_budget, expected_best
from optisearch.statistics.claims import (
    Judgement,
    Order,
    Step,
    Verdict,
    judge_first,
    judge_order,
    verdict,
)
from optisearch.statistics.estimate import Estimate, estimate
from optisearch.statistics.evidence import holm, seeds_for_power
from optisearch.statistics.front import front
from optisearch.statistics.levels import Comparisons, Pair, compare_levels
from optisearch.statistics.paired import Paired, paired_difference, paired_ratio

__all__ = [
    "Comparisons",
    "Estimate",
    "ExpectedBest",
    "Judgement",
    "Order",
    "Pair",
    "Paired",
    "Step",
    "Verdict",
    "compare_levels",
    "equal_budget",
    "estimate",
    "expected_best",
    "front",
    "holm",
    "judge_first",
    "judge_order",
    "paired_difference",
    "paired_ratio",
    "seeds_for_power",
    "verdict",
]
