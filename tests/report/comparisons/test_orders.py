"""Orders that published figures imply."""

import pytest
from scipy import stats

from optisearch.report.comparisons.orders import claimed, judge
from optisearch.statistics import judge_order

A = {1: 0.9, 2: 0.91, 3: 0.92, 4: 0.9, 5: 0.93}
B = {1: 0.8, 2: 0.82, 3: 0.81, 4: 0.8, 5: 0.83}
C = {1: 0.7, 2: 0.71, 3: 0.73, 4: 0.69, 5: 0.72}


def test_figures_in_the_better_direction() -> None:
    figures = {"a": 0.9, "b": 0.8, "c": 0.9, "d": 0.7}
    assert claimed(figures, more_is_better=True) == (("a", "c"), ("b",), ("d",))
    assert claimed(figures, more_is_better=False) == (("d",), ("b",), ("a", "c"))


def test_without_ties_it_is_the_statistics_own() -> None:
    values = {"a": A, "b": B, "c": C}
    found = judge(values, (("a",), ("b",), ("c",)), "maximize")
    assert found == judge_order(values, ["a", "b", "c"], "maximize")
    assert found is not None
    assert found.verdict.judgement == "holds"
    assert found.ranks == {"a": 1, "b": 2, "c": 3}


def test_one_place_is_no_order() -> None:
    assert judge({"a": A, "b": B}, (("a", "b"),), "maximize") is None
    assert judge({"a": A}, (), "maximize") is None


def test_equal_figures_are_in_no_order() -> None:
    values = {"a": A, "b": B, "c": C}
    # a before b would be shown, b before a contradicted: neither is claimed.
    for pair in (("a", "b"), ("b", "a")):
        found = judge(values, (pair, ("c",)), "maximize")
        assert found is not None
        assert found.verdict.judgement == "holds"
        assert {(step.first, step.second) for step in found.steps} == {("a", "c"), ("b", "c")}


def test_a_reversed_step_among_ties_is_adjusted() -> None:
    slightly = {1: 0.805, 2: 0.824, 3: 0.823, 4: 0.802, 5: 0.829}  # above B but for one seed
    values = {"a": A, "b": B, "c": slightly}
    gaps = [slightly[seed] - B[seed] for seed in B]
    p = float(stats.ttest_1samp(gaps, 0, alternative="greater").pvalue)
    found = judge(values, (("a", "b"), ("c",)), "maximize")
    assert found is not None
    by_step = {step.first: step for step in found.steps}
    assert by_step["b"].p_against == pytest.approx(min(1, 2 * p))
    contradicted = 2 * p <= 0.05
    assert found.verdict.judgement == ("contradicted" if contradicted else "undecided")
    certain = judge({"a": A, "b": C, "c": B}, (("a", "b"), ("c",)), "maximize")
    assert certain is not None
    assert certain.verdict.judgement == "contradicted"
    assert certain.verdict.reason == "c comes before b"


def test_too_few_seeds_among_ties() -> None:
    values = {"a": A, "b": {1: 0.8}, "c": C}
    found = judge(values, (("a", "b"), ("c",)), "maximize")
    assert found is not None
    assert found.verdict.judgement == "undecided"
