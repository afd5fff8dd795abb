"""What is claimed from measurements: exact values, invariances, and how often claims are wrong."""

import itertools
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from optisearch.statistics import (
    Comparisons,
    Estimate,
    Pair,
    Verdict,
    compare_levels,
    equal_budget,
    estimate,
    expected_best,
    holm,
    judge_first,
    judge_order,
    paired_difference,
    paired_ratio,
    seeds_for_power,
    verdict,
)

REPETITIONS = 2000

# Thousandths: what a metric looks like, and exact enough to be shifted and scaled.
metric = st.integers(-2000, 2000).map(lambda whole: whole / 1000)
metrics = st.lists(metric, min_size=2, max_size=12)


def by_seed(values: Any) -> dict[int, float]:
    return dict(enumerate(float(value) for value in values))


def table(columns: Any) -> dict[str, dict[int, float]]:
    """(seeds, levels) → level a, b, c, … → seed → value."""
    return {chr(ord("a") + i): by_seed(column) for i, column in enumerate(np.asarray(columns).T)}


def pair(comparisons: Comparisons, level: str, other: str = "a") -> Pair:
    return next(p for p in comparisons.pairs if (p.level, p.other) == (level, other))


# One level


def test_an_estimate_is_students() -> None:
    values = [0.97, 0.98, 0.975, 0.96, 0.99]
    found = estimate(values)
    low, high = scipy.stats.t.interval(0.95, 4, loc=np.mean(values), scale=scipy.stats.sem(values))
    assert found.n == 5
    assert found.mean == pytest.approx(0.975)
    assert found.sd == pytest.approx(np.std(values, ddof=1))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.no_interval == ""


@pytest.mark.parametrize(
    ("values", "expected", "reason"),
    [
        ([], Estimate(0), "no seed yet"),
        ([math.nan, math.inf], Estimate(0, diverged=2), "every seed diverged"),
        ([0.5], Estimate(1, 0.5), "one seed only"),
        ([0.5, -math.inf], Estimate(1, 0.5, diverged=1), "one seed only"),
        ([0.5, 0.5], Estimate(2, 0.5, 0.0), "2 seeds without any spread"),
        ([0.5, 0.5, 0.5], Estimate(3, 0.5, 0.0, 0.5, 0.5), ""),
        ([0.0] * 3, Estimate(3, 0.0, 0.0, 0.0, 0.0), ""),
    ],
)
def test_little_to_estimate_from(values: list[float], expected: Estimate, reason: str) -> None:
    assert estimate(values) == expected
    assert estimate(values).no_interval == reason


def test_enormous_values_are_estimated_too() -> None:
    found = estimate([1.7e308, 1.6e308, 1.5e308])
    assert found.mean == pytest.approx(1.6e308)
    assert found.sd == pytest.approx(1e307)


@given(metrics, metric, st.sampled_from([0.5, 2.0, -4.0, 1024.0]), st.randoms())
def test_an_estimate_follows_shift_scale_and_order(
    values: list[float], shift: float, scale: float, random: Any
) -> None:
    found = estimate(values)
    moved = [scale * value + shift for value in values]
    random.shuffle(moved)
    again = estimate(moved)
    assert again.mean == pytest.approx(scale * found.mean + shift, abs=1e-9)
    assert again.sd == pytest.approx(abs(scale) * found.sd, abs=1e-9)
    assert (again.low is None) == (found.low is None)
    if found.low is not None:
        ends = sorted((scale * found.low + shift, scale * found.high + shift))
        assert [again.low, again.high] == pytest.approx(ends, abs=1e-8)


# Pairs


def test_a_paired_difference_is_scipys() -> None:
    a, b = [0.97, 0.98, 0.975, 0.96, 0.99], [0.95, 0.97, 0.971, 0.95, 0.96]
    found = paired_difference(by_seed(a), by_seed(b))
    expected = scipy.stats.ttest_rel(a, b)
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.estimate.low, found.estimate.high) == pytest.approx(
        tuple(expected.confidence_interval())
    )
    assert (found.estimate.n, found.unmatched) == (5, 0)


def test_only_seeds_in_common_are_compared() -> None:
    found = paired_difference({1: 1.0, 2: 3.0, 3: math.nan, 9: 7.0}, {2: 1.5, 1: 0.0, 3: 1.0})
    assert found.estimate.n == 2
    assert found.estimate.mean == 1.25
    assert found.estimate.diverged == 1
    assert found.unmatched == 1


@pytest.mark.parametrize("seeds", [{}, {1: 2.0}])
def test_fewer_than_two_common_seeds_tell_nothing(seeds: dict[int, float]) -> None:
    found = paired_difference(seeds, {1: 1.0, 2: 3.0})
    assert found.p is None
    assert found.estimate.low is None


@pytest.mark.parametrize(
    ("a", "b", "p", "interval"),
    [
        ([0.9] * 5, [0.8] * 5, 2 * 0.25**5, True),  # neither depends on the seed
        ([0.9] * 2, [0.8] * 2, 0.125, False),  # two equal pairs may be chance
        ([0.5, 0.7, 0.9], [0.4, 0.6, 0.8], 0.25, False),  # the same step, but only three times
        ([0.9] * 5, [0.9] * 5, 1.0, True),
        ([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], 1.0, False),
        # As 32-bit metrics are read: equal but for their rounding.
        (np.float32([0.98, 0.96]), np.float32([0.97, 0.95]), 0.5, False),
    ],
)
def test_differences_without_any_spread_are_not_certain(
    a: Any, b: Any, p: float, interval: bool
) -> None:
    found = paired_difference(by_seed(a), by_seed(b))
    assert found.p == pytest.approx(p)
    assert (found.estimate.low is not None) == interval


@given(st.lists(st.tuples(metric, metric), min_size=2, max_size=9), metric, st.randoms())
def test_what_a_seed_does_to_both_falls_out(
    pairs: list[tuple[float, float]], shift: float, random: Any
) -> None:
    seeds = list(range(len(pairs)))
    random.shuffle(seeds)
    one = paired_difference(by_seed(a for a, _ in pairs), by_seed(b for _, b in pairs))
    two = paired_difference(
        {seed: pairs[seed][0] + 2 * shift * (seed % 3) for seed in seeds},
        {seed: pairs[seed][1] + 2 * shift * (seed % 3) for seed in reversed(seeds)},
    )
    assert two.estimate.mean == pytest.approx(one.estimate.mean, abs=1e-9)
    assert two.estimate.sd == pytest.approx(one.estimate.sd, abs=1e-9)
    if one.estimate.sd > 1e-4:
        assert two.p == pytest.approx(one.p, abs=1e-6)


@given(st.lists(st.tuples(metric, metric), min_size=2, max_size=9))
def test_a_difference_and_its_reverse_mirror_each_other(pairs: list[tuple[float, float]]) -> None:
    a, b = by_seed(a for a, _ in pairs), by_seed(b for _, b in pairs)
    one, two = paired_difference(a, b), paired_difference(b, a)
    assert one.p == pytest.approx(two.p)
    assert one.estimate.mean == pytest.approx(-two.estimate.mean)


def test_ratios_are_geometric() -> None:
    found = paired_ratio({1: 2.0, 2: 8.0}, {1: 1.0, 2: 1.0})
    assert found.estimate.mean == pytest.approx(4.0)
    assert found.estimate.sd == pytest.approx(math.log(4) / math.sqrt(2))
    assert found.estimate.low == pytest.approx(4 / found.estimate.high * 4)


@given(st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=2, max_size=9))
def test_a_ratio_and_its_inverse_tell_the_same(pairs: list[tuple[float, float]]) -> None:
    a, b = by_seed(a for a, _ in pairs), by_seed(b for _, b in pairs)
    one, two = paired_ratio(a, b), paired_ratio(b, a)
    assert one.p == pytest.approx(two.p)
    assert one.estimate.mean == pytest.approx(1 / two.estimate.mean)
    if one.estimate.low is not None:
        assert one.estimate.low == pytest.approx(1 / two.estimate.high)


def test_a_time_that_is_none_is_left_out_of_ratios() -> None:
    found = paired_ratio({1: 2.0, 2: 0.0, 3: math.inf}, {1: 1.0, 2: 1.0, 3: 1.0})
    assert (found.estimate.n, found.estimate.mean, found.estimate.diverged) == (1, 2.0, 2)


# Many tests at once


def test_holm_as_in_r() -> None:
    # p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10), st.randoms())
def test_holm_is_monotone_and_between_nothing_and_bonferroni(ps: list[float], random: Any) -> None:
    adjusted = holm(ps)
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    assert all(adjusted[i] <= adjusted[j] for i, j in itertools.pairwise(order))
    assert all(
        p <= a <= min(1.0, len(ps) * p) + 1e-12 or a == adjusted[order[order.index(i) - 1]]
        for i, (p, a) in enumerate(zip(ps, adjusted, strict=True))
    )
    assert min(adjusted) == pytest.approx(min(1.0, len(ps) * min(ps)))
    assert max(adjusted) <= 1.0
    shuffled = list(range(len(ps)))
    random.shuffle(shuffled)
    assert holm([ps[i] for i in shuffled]) == [adjusted[i] for i in shuffled]


def test_seeds_for_power_as_in_r() -> None:
    # power.t.test(delta = 0.5, sd = 1, power = 0.8, type = "paired") says 33.4, for 1.0 it says 9.9
    assert seeds_for_power(0.5, alpha=0.05) == 34
    assert seeds_for_power(-1.0, alpha=0.05) == 10
    assert seeds_for_power(0.25, alpha=0.05) is None
    assert seeds_for_power(0.25, alpha=0.05, at_most=200) == 128
    assert seeds_for_power(0.0, alpha=0.05) is None
    assert seeds_for_power(1e6, alpha=1e-4, at_least=7) == 7


# Tables


def test_levels_are_told_apart_from_the_baseline() -> None:
    rng = np.random.default_rng(3)
    values = 0.9 + 0.01 * rng.normal(size=(5, 1)) + 0.002 * rng.normal(size=(5, 4))
    values += [0.0, 0.0, -0.05, 0.05]
    found = compare_levels(table(values), "a")
    assert [p.level for p in found.apart] == ["c", "d"]
    assert [p.level for p in found.alike] == ["b"]
    ps = [scipy.stats.ttest_rel(values[:, i], values[:, 0]).pvalue for i in (1, 2, 3)]
    assert [p.adjusted for p in found.pairs] == pytest.approx(holm(ps))
    assert [p.difference.p for p in found.pairs] == pytest.approx(ps)
    joint = scipy.stats.ttest_rel(values[:, 2], values[:, 0]).confidence_interval(1 - 0.05 / 3)
    assert pair(found, "c").joint == pytest.approx(tuple(joint))
    # c < a < d adds c < d; b may be as good as a, so the best is d.
    assert found.ascending == {("c", "a"), ("a", "d"), ("c", "d")}
    assert found.unbeaten("maximize") == ("b", "d")
    assert found.unbeaten("minimize") == ("b", "c")
    assert pair(found, "c").more_seeds is None
    assert pair(found, "b").more_seeds > 0


def test_all_with_all() -> None:
    rng = np.random.default_rng(3)
    found = compare_levels(table(0.01 * rng.normal(size=(5, 4)) + [0, 1, 2, 2]))
    assert len(found.pairs) == 6
    assert [(p.level, p.other) for p in found.alike] == [("c", "d")]
    assert found.unbeaten("maximize") == ("c", "d")
    assert found.unbeaten("minimize") == ("a",)


def test_more_seeds_are_those_of_the_power() -> None:
    differences = [0.1, 0.3, -0.1, 0.2, 0.0]
    found = compare_levels({"a": by_seed([0.0] * 5), "b": by_seed(differences)}, "a")
    effect = np.mean(differences) / np.std(differences, ddof=1)
    assert pair(found, "b").more_seeds == seeds_for_power(effect, alpha=0.05) - 5
    far = compare_levels({"a": by_seed([0.0] * 4), "b": by_seed([1, -1, 1, -0.99])}, "a")
    assert pair(far, "b").more_seeds == math.inf


def test_levels_that_do_not_vary() -> None:
    found = compare_levels({"a": by_seed([1.0] * 2), "b": by_seed([2.0] * 2)}, "a")
    assert not found.apart
    assert pair(found, "b").more_seeds == 1
    found = compare_levels({"a": by_seed([1.0] * 3), "b": by_seed([2.0] * 3)}, "a")
    assert found.apart
    found = compare_levels({"a": by_seed([1.0] * 3), "b": by_seed([1.0] * 3)}, "a")
    assert pair(found, "b").more_seeds == math.inf


def test_a_table_that_is_still_being_measured() -> None:
    nothing = compare_levels({}, "a")
    assert (nothing.pairs, nothing.unbeaten("maximize")) == ((), ())
    assert compare_levels({"a": {1: 0.5}}, "a").pairs == ()
    found = compare_levels({"a": {1: 0.5}, "b": {1: 0.6}, "c": {}}, "a")
    assert [p.adjusted for p in found.pairs] == [None, None]
    assert [p.more_seeds for p in found.pairs] == [None, None]
    assert [p.joint for p in found.pairs] == [None, None]
    assert not found.apart
    assert found.unbeaten("maximize") == ("a", "b")
    assert len(compare_levels({"b": {1: 0.6}}, "not measured yet").pairs) == 1


def test_untested_levels_count_among_those_adjusted_for() -> None:
    some = {"a": by_seed([1.0, 2.0, 3.0]), "b": by_seed([1.1, 2.3, 3.2])}
    alone = compare_levels(some, "a")
    among = compare_levels({**some, "c": {}, "d": {1: 1.0}}, "a")
    assert pair(among, "b").adjusted == pytest.approx(3 * pair(alone, "b").adjusted)


def test_diverged_cells_are_counted_and_left_out() -> None:
    found = compare_levels(
        {
            "a": {1: 0.5, 2: 0.6, 3: 0.7},
            "b": {1: math.inf, 2: 0.9, 3: 0.95},
            "c": {1: math.nan, 2: math.inf, 3: -math.inf},
        },
        "a",
    )
    assert (found.levels["b"].n, found.levels["b"].diverged) == (2, 1)
    assert pair(found, "b").difference.estimate.n == 2
    assert pair(found, "b").difference.estimate.diverged == 1
    assert pair(found, "c").difference.estimate.no_interval == "every seed diverged"
    assert found.unbeaten("maximize") == ("a", "b")


@given(
    st.lists(st.tuples(metric, metric, metric), min_size=2, max_size=6),
    st.sampled_from([0.25, 2.0, 64.0]),
)
def test_claims_depend_on_neither_unit_nor_order(rows: list[Any], scale: float) -> None:
    values = table(rows)
    found = compare_levels(values, "a")
    # The order of the levels and of their seeds, and the unit.
    turned = {
        level: {seed: scale * column[seed] for seed in reversed(column)}
        for level, column in reversed(values.items())
    }
    again = compare_levels(turned, "a")
    for one in found.pairs:
        two = pair(again, one.level)
        assert two.adjusted == pytest.approx(one.adjusted)
        assert two.apart == one.apart
        assert two.more_seeds == one.more_seeds


# What was published


@pytest.mark.parametrize(
    ("low", "high", "published", "tolerance", "judgement"),
    [
        (0.965, 0.975, 0.97, 0.01, "holds"),
        (0.96, 0.98, 0.97, 0.01, "holds"),  # the borders are within
        (0.965, 0.985, 0.97, 0.01, "undecided"),
        (0.9, 0.99, 0.97, 0.01, "undecided"),
        (0.985, 0.99, 0.97, 0.01, "contradicted"),
        (0.9, 0.955, 0.97, 0.01, "contradicted"),
        (0.965, 0.975, 0.97, 0.0, "undecided"),
        (0.971, 0.975, 0.97, 0.0, "contradicted"),
        (0.97, 0.97, 0.97, 0.0, "holds"),
        (0.1 + 0.2, 0.1 + 0.2, 0.3, 0.0, "holds"),  # but for the rounding
        (-0.1, 0.1, 0.0, 0.0, "undecided"),
    ],
)
def test_verdicts(
    low: float, high: float, published: float, tolerance: float, judgement: str
) -> None:
    measured = Estimate(5, (low + high) / 2, 0.01, low, high)
    assert verdict(measured, published, tolerance).judgement == judgement
    # The same seen in a mirror.
    mirrored = Estimate(5, -(low + high) / 2, 0.01, -high, -low)
    assert verdict(mirrored, -published, tolerance).judgement == judgement


def test_reasons_of_verdicts() -> None:
    assert verdict(estimate([0.9]), 0.9, 0.1) == Verdict("undecided", "one seed only")
    assert verdict(estimate([math.nan]), 0.9) == Verdict("undecided", "every seed diverged")
    found = verdict(estimate([0.9, 0.9, 0.9, math.inf]), 0.8)
    assert found.judgement == "contradicted"
    assert found.reason == "the whole interval is above it; 1 of 4 seeds diverged, left out"


ORDERED = {
    "adam": by_seed([0.980, 0.975, 0.984, 0.979, 0.981]),
    "rmsprop": by_seed([0.970, 0.968, 0.973, 0.971, 0.969]),
    "sgd": by_seed([0.920, 0.925, 0.915, 0.921, 0.919]),
}


def test_an_order_that_holds() -> None:
    found = judge_order(ORDERED, ["adam", "rmsprop", "sgd"], "maximize")
    assert found.verdict.judgement == "holds"
    assert [(step.agreeing, step.seeds) for step in found.steps] == [(5, 5), (5, 5)]
    assert found.ranks == {"adam": 1.0, "rmsprop": 2.0, "sgd": 3.0}
    one_sided = scipy.stats.ttest_rel(
        list(ORDERED["adam"].values()), list(ORDERED["rmsprop"].values()), alternative="greater"
    )
    assert found.steps[0].p == pytest.approx(one_sided.pvalue)
    assert judge_first(ORDERED, "adam", "maximize").verdict.judgement == "holds"


def test_an_order_that_is_contradicted() -> None:
    found = judge_order(ORDERED, ["rmsprop", "adam", "sgd"], "maximize")
    assert found.verdict == Verdict("contradicted", "adam comes before rmsprop")
    assert found.ranks == {"rmsprop": 2.0, "adam": 1.0, "sgd": 3.0}
    assert judge_order(ORDERED, ["adam", "rmsprop", "sgd"], "minimize").verdict.judgement == (
        "contradicted"
    )
    assert judge_first(ORDERED, "sgd", "maximize").verdict.judgement == "contradicted"


def test_an_order_that_is_undecided() -> None:
    close = ORDERED | {"nadam": by_seed([0.979, 0.976, 0.983, 0.980, 0.982])}
    found = judge_order(close, ["adam", "nadam", "sgd"], "maximize")
    assert found.verdict == Verdict("undecided", "adam and nadam can't be told apart")
    found = judge_order(close, ["adam", "lion"], "maximize")
    assert found.verdict == Verdict("undecided", "too few seeds of adam and lion")
    assert found.ranks == {}
    assert judge_order(close, ["adam"], "maximize").verdict.judgement == "undecided"
    one = {"a": {1: 1.0}, "b": {1: 2.0}}
    assert judge_order(one, ["b", "a"], "maximize").verdict.judgement == "undecided"


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_a_diverged_level_comes_last(direction: Any) -> None:
    diverging = {"a": by_seed([0.5, 0.6, 0.7, 0.5, 0.6]), "b": by_seed([math.inf] * 5)}
    assert judge_order(diverging, ["a", "b"], direction).verdict.judgement == "holds"
    found = judge_order(diverging, ["b", "a"], direction)
    assert found.verdict == Verdict("contradicted", "a comes before b")
    assert found.ranks == {"b": 2.0, "a": 1.0}
    both = {"a": by_seed([math.nan] * 5), "b": by_seed([math.inf] * 5)}
    found = judge_order(both, ["a", "b"], direction)
    assert found.verdict.judgement == "undecided"
    assert found.ranks == {"a": 1.5, "b": 1.5}


# The best of so many draws


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_the_expected_best_is_the_mean_over_all_subsets(direction: Any) -> None:
    values = [0.3, 0.1, 0.9, 0.9, 0.5, 0.2]
    choose = max if direction == "maximize" else min
    for budget in range(1, 7):
        subsets = [choose(subset) for subset in itertools.combinations(values, budget)]
        found = expected_best(values, budget, direction)
        assert found.value == pytest.approx(np.mean(subsets))
    assert expected_best(values, 7, direction).value is None


@given(metrics, st.randoms())
def test_the_expected_best_goes_from_the_mean_to_the_best(values: list[float], random: Any) -> None:
    found = [expected_best(values, b, "maximize").value for b in range(1, len(values) + 1)]
    assert found[0] == pytest.approx(np.mean(values))
    assert found[-1] == max(values)
    assert all(one <= two + 1e-12 for one, two in itertools.pairwise(found))
    shuffled = [2 * value + 1 for value in values]
    random.shuffle(shuffled)
    for budget, value in enumerate(found, 1):
        moved = expected_best(shuffled, budget, "maximize").value
        assert moved == pytest.approx(2 * value + 1)
        mirrored = expected_best([-value for value in values], budget, "minimize").value
        assert mirrored == pytest.approx(-value)


def test_its_interval_is_the_jackknifes() -> None:
    values = np.random.default_rng(0).normal(size=20)
    found = expected_best(values, 4, "minimize")
    without = [expected_best(np.delete(values, i), 4, "minimize").value for i in range(20)]
    error = math.sqrt(19 / 20 * np.sum((without - np.mean(without)) ** 2))
    half = scipy.stats.t.ppf(0.975, 19) * error
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))
    # At a budget of 1 it is the mean's.
    mean, best = estimate(values), expected_best(values, 1, "maximize")
    assert (best.low, best.high) == pytest.approx((mean.low, mean.high))


def test_too_few_draws_for_an_interval() -> None:
    values = np.random.default_rng(0).normal(size=11)
    assert expected_best(values, 2, "maximize").low is not None
    assert expected_best(values, 3, "maximize").low is None
    assert expected_best(values[:1], 1, "maximize").low is None
    assert expected_best([], 1, "maximize").value is None
    with pytest.raises(ValueError, match="budget"):
        expected_best(values, 0, "maximize")


def test_a_diverged_draw_uses_up_budget() -> None:
    found = expected_best([0.9, 0.8, math.nan, -math.inf], 2, "maximize")
    assert (found.n, found.diverged) == (4, 2)
    assert found.value == expected_best([0.9, 0.8, 0.8, 0.8], 2, "maximize").value
    given_worst = expected_best([0.9, 0.8, math.inf], 1, "minimize", worst=4.3)
    assert given_worst.value == pytest.approx(2.0)
    assert expected_best([math.nan] * 3, 1, "maximize").value is None


def test_thousands_of_draws_do_not_overflow() -> None:
    values = [i / 5000 for i in range(5000)]
    assert expected_best(values, 1200, "maximize").value == pytest.approx(1200 / 1201, abs=1e-3)


def test_equal_budgets() -> None:
    assert equal_budget([40, 13, 0, 90]) == 3
    assert equal_budget([2, 90]) == 1
    assert equal_budget([]) == 1


# How often claims are wrong


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    draws = np.random.default_rng(1).normal(0.97, 0.004, size=(REPETITIONS, 5))
    found = [estimate(row) for row in draws.tolist()]
    assert 0.93 <= np.mean([e.low <= 0.97 <= e.high for e in found]) <= 0.97


def test_paired_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    shared = 0.02 * rng.normal(size=(REPETITIONS, 5))  # what a seed does to both
    one = 0.97 + shared + 0.003 * rng.normal(size=(REPETITIONS, 5))
    two = 0.95 + shared + 0.005 * rng.normal(size=(REPETITIONS, 5))
    rows = [(by_seed(a), by_seed(b)) for a, b in zip(one, two, strict=True)]
    differences = [paired_difference(a, b).estimate for a, b in rows]
    assert 0.93 <= np.mean([d.low <= 0.02 <= d.high for d in differences]) <= 0.97
    rows = [(by_seed(a), by_seed(b)) for a, b in zip(np.exp(one), np.exp(two), strict=True)]
    ratios = [paired_ratio(a, b).estimate for a, b in rows]
    assert 0.93 <= np.mean([r.low <= math.exp(0.02) <= r.high for r in ratios]) <= 0.97


def false_claims(draws: np.ndarray, baseline: str | None) -> float:
    """The share of tables, of (tables, seeds, levels), that claim any difference."""
    return float(np.mean([bool(compare_levels(table(t), baseline).apart) for t in draws]))


@pytest.mark.parametrize("baseline", ["a", None])
@pytest.mark.parametrize(("seeds", "levels"), [(5, 6), (3, 3)])
def test_tables_of_nothing_rarely_claim_anything(
    baseline: str | None, seeds: int, levels: int
) -> None:
    rng = np.random.default_rng(3)
    draws = 0.01 * rng.normal(size=(REPETITIONS, seeds, levels))
    draws += 0.02 * rng.normal(size=(REPETITIONS, seeds, 1))  # shared by a seed's levels
    draws *= 2.0 ** np.arange(levels)  # levels differ in their spread
    share = false_claims(draws, baseline)
    assert share <= 0.06
    assert share >= 0.01  # nor are they mute


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize(("images", "accuracy"), [(100, 0.99), (450, 0.96), (10_000, 0.98)])
def test_metrics_with_few_values_claim_no_more(seeds: int, images: int, accuracy: float) -> None:
    rng = np.random.default_rng(4)
    draws = rng.binomial(images, accuracy, size=(REPETITIONS // 2, seeds, 6)) / images
    assert false_claims(draws.astype(np.float32), "a") <= 0.06


def test_joint_intervals_cover_all_truths_at_once() -> None:
    rng = np.random.default_rng(5)
    draws = rng.normal(loc=[0.0, 0.0, 1.0, 5.0], size=(REPETITIONS, 5, 4))
    covered = [
        all(
            p.joint[0] <= truth <= p.joint[1]
            for p, truth in zip(compare_levels(table(t), "a").pairs, [0.0, 1.0, 5.0], strict=True)
        )
        for t in draws
    ]
    assert np.mean(covered) >= 0.94


def test_true_differences_are_found_and_no_others() -> None:
    rng = np.random.default_rng(6)
    draws = 0.01 * rng.normal(size=(500, 5, 4)) + [0.0, 0.0, 0.2, -0.2]
    draws += 0.5 * rng.normal(size=(500, 5, 1))  # seeds differ more than levels do
    found = [compare_levels(table(t), "a") for t in draws]
    assert np.mean([pair(f, "c").apart and pair(f, "d").apart for f in found]) >= 0.99
    assert np.mean([pair(f, "b").apart for f in found]) <= 0.06
    assert np.mean(["c" in f.unbeaten("maximize") for f in found]) == 1.0


def test_the_seeds_asked_for_tell_it() -> None:
    rng = np.random.default_rng(7)
    needed = seeds_for_power(0.8, alpha=0.05)
    draws = rng.normal(size=(REPETITIONS, needed)) + 0.8
    zeros = by_seed([0.0] * needed)
    found = np.mean([paired_difference(by_seed(row), zeros).p <= 0.05 for row in draws])
    assert 0.78 <= found <= 0.86


def test_orders_of_nothing_rarely_hold_or_are_contradicted() -> None:
    rng = np.random.default_rng(8)
    judged = [
        judge_order(table(t), "abcd", "maximize").verdict.judgement
        for t in rng.normal(size=(REPETITIONS, 5, 4))
    ]
    assert judged.count("contradicted") / REPETITIONS <= 0.06
    assert judged.count("holds") / REPETITIONS <= 0.06
    # One step is a tie: it may hold by chance, at 5 %.
    tied = rng.normal(loc=[20.0, 10.0, 10.0], size=(REPETITIONS, 5, 3))
    judged = [judge_order(table(t), "abc", "maximize").verdict.judgement for t in tied]
    assert judged.count("holds") / REPETITIONS <= 0.06


def test_the_expected_best_has_no_bias_and_its_interval_covers() -> None:
    draws = np.random.default_rng(9).normal(size=(REPETITIONS, 20))
    found = [expected_best(row, 3, "maximize") for row in draws.tolist()]
    truth = 3 / (2 * math.sqrt(math.pi))  # of three normal values
    assert np.mean([f.value for f in found]) == pytest.approx(truth, abs=0.015)
    assert 0.90 <= np.mean([f.low <= truth <= f.high for f in found]) <= 0.97


def test_scipys_slow_half_stays_out() -> None:
    code = (
        "import sys; from optisearch.statistics import compare_levels as c\n"
        "assert not any(m.startswith('scipy') for m in sys.modules)\n"
        "c({'a': {1: 1.0, 2: 2.0, 3: 2.5}, 'b': {1: 1.1, 2: 2.4, 3: 3.0}}, 'a')\n"
        "assert 'scipy.stats' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
