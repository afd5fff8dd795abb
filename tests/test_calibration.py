"""Tables err as often as they say: simulated through the engine, from the plan to the claim.

Each repetition is a comparison of a study that trains nothing: its cells, seeds and rows are those
of the plan, and a cell's value follows from its seed and its level as a training's would.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from optisearch import Comparison, Study, choice
from optisearch import plan as plans
from optisearch.manifest import describe
from optisearch.plan import Cell, Plan, Planned
from optisearch.reading import ComparisonResults, StageInfo, StageResults, TrialResult, comparisons
from optisearch.space.stored import FactorInfo
from optisearch.statistics import compare_levels

REPETITIONS = 2000
SEEDS = 5
LEVELS = ("a", "b", "c", "d")
TRUTH = {"a": 0.95, "b": 0.97, "c": 0.96, "d": 0.90}
EQUAL = dict.fromkeys(LEVELS, 0.95)
SPREAD = {"a": 0.004, "b": 0.002, "c": 0.008, "d": 0.016}


@dataclass(frozen=True)
class Space:
    """One choice."""

    kind: str = choice(*LEVELS, baseline="a")


STUDY = Study(
    name="noise",
    space=Space,
    train=print,  # type: ignore[arg-type]
    maximize="a",
    comparisons=[Comparison("kind")],
)
MANIFEST = describe(STUDY, None)["space"]
FACTORS = tuple(map(FactorInfo.from_manifest, MANIFEST["factors"]))
PLANNED = tuple(map(Planned.from_stored, plans.describe(STUDY, 0)))
INFO = StageInfo("noise/compare", "noise", "compare", "", "a", "maximize", FACTORS, declared=True)


@cache
def noise(seed: int, level: str) -> float:
    """What a seed does to all levels, and what it does to this one."""
    shared = np.random.default_rng(seed).normal(scale=0.005)
    own = np.random.default_rng([seed, LEVELS.index(level)]).normal(scale=SPREAD[level])
    return float(shared + own)


def value(cell: Cell, truth: dict[str, float]) -> float:
    """What a cell gives."""
    level = cell.point["kind"]
    return truth[level] + noise(cell.seed, level)


def table(study_seed: int, truth: dict[str, float]) -> ComparisonResults:
    plan = Plan(FACTORS, {}, PLANNED, seeds=SEEDS, study_seed=study_seed)
    cells = plan.due(plans.Ledger())
    assert len(cells) == SEEDS * len(LEVELS)
    trials = tuple(
        TrialResult(
            number,
            "completed",
            value=(found := value(cell, truth)),
            seed=cell.seed,
            cell=cell.key,
            history=[{"epoch": 0, "seconds": 1.0, "a": found}],
        )
        for number, cell in enumerate(cells)
    )
    (found,) = comparisons(StageResults(INFO, trials, plan))
    return found


@pytest.fixture(scope="module")
def tables() -> Callable[[dict[str, float]], list[ComparisonResults]]:
    return lambda truth: [table(study_seed, truth) for study_seed in range(REPETITIONS)]


def test_intervals_cover_the_truth_as_often_as_they_say(
    tables: Callable[[dict[str, float]], list[ComparisonResults]],
) -> None:
    found = [compare_levels(each.values(), each.reference) for each in tables(TRUTH)]
    for level in LEVELS:
        estimates = [each.levels[level] for each in found]
        assert {estimate.n for estimate in estimates} == {SEEDS}
        covered = [e.low <= TRUTH[level] <= e.high for e in estimates]  # type: ignore[operator]
        assert 0.93 <= np.mean(covered) <= 0.97
    for index, level in enumerate(LEVELS[1:]):
        pairs = [each.pairs[index].difference.estimate for each in found]
        truth = TRUTH[level] - TRUTH["a"]
        covered = [e.low <= truth <= e.high for e in pairs]  # type: ignore[operator]
        assert 0.93 <= np.mean(covered) <= 0.97


def test_where_there_is_no_difference_few_tables_claim_one(
    tables: Callable[[dict[str, float]], list[ComparisonResults]],
) -> None:
    claims = [bool(compare_levels(each.values(), each.reference).apart) for each in tables(EQUAL)]
    assert 0.01 <= np.mean(claims) <= 0.06
