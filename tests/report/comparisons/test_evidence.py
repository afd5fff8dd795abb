"""The tables' numbers, computed here again with NumPy and SciPy."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from optisearch.report.comparisons import sections
from optisearch.report.table import Section, Table, Typed

NOISE = np.random.default_rng(5).normal(0, 0.004, (8, 3))
LEVELS = ("sgd", "adam", "rmsprop")
CENTRES = {"sgd": 0.90, "adam": 0.97, "rmsprop": 0.969}


def accuracy(point: dict[str, Any], at: int) -> float:
    level = point["optimizer"]
    return CENTRES[level] + float(NOISE[at][LEVELS.index(level)])


def measured(level: str, seeds: int = 5) -> np.ndarray:
    return np.array([accuracy({"optimizer": level}, at) for at in range(seeds)])


def column(table: Table, name: str) -> list[Any]:
    [index] = [at for at, column in enumerate(table.columns) if column.name == name]
    return [row[index] for row in table.rows]


def names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def only(stage: Any) -> Section:
    [section] = sections(stage)
    return section


def holm(p_values: list[float]) -> list[float]:
    """For two: the smaller twice, the larger at least that."""
    small, large = sorted(p_values)
    adjusted = {small: min(1, 2 * small), large: max(min(1, 2 * small), large)}
    return [adjusted[p] for p in p_values]


def said(table: Table, words: str) -> str:
    [sentence] = [note for note in table.notes if words in note]
    return sentence


def test_the_evidence_is_student_s_and_holm_s(compared, planned) -> None:
    stage = compared(planned(title="The optimizer")).train(accuracy).read()
    section = only(stage)
    assert section.title == "The optimizer"
    table = section.tables[0]
    assert column(table, "optimizer") == list(LEVELS)
    assert column(table, "seeds") == [5, 5, 5]
    for at, level in enumerate(LEVELS):
        values = measured(level)
        half = stats.t.ppf(0.975, 4) * values.std(ddof=1) / math.sqrt(5)
        assert column(table, "mean val_accuracy")[at] == pytest.approx(values.mean())
        assert column(table, "sd")[at] == pytest.approx(values.std(ddof=1))
        expected = (values.mean() - half, values.mean() + half)
        assert column(table, "95 % interval")[at] == pytest.approx(expected)
    assert column(table, "difference")[1] == Typed("baseline", "text")
    p_values = []
    for at in (0, 2):
        gaps = measured(LEVELS[at]) - measured("adam")
        assert column(table, "difference")[at] == pytest.approx(gaps.mean())
        test = stats.ttest_1samp(gaps, 0)
        ends = test.confidence_interval()
        found = column(table, "its 95 % interval")[at]
        assert found == pytest.approx((ends.low, ends.high))
        p_values.append(float(test.pvalue))
    sgd, adam, rmsprop = column(table, "p (Holm)")
    assert adam is None
    assert [sgd, rmsprop] == pytest.approx(holm(p_values))
    assert sgd < 0.05 < rmsprop
    assert {"published", "verdict", "diverged", "failed"}.isdisjoint(names(table))
    assert said(table, "worse").startswith("sgd is worse than adam; rmsprop can't be told from")
    assert said(table, "open") == "Which is the best of adam and rmsprop is open."
    assert "Measured: val_accuracy at the last epoch." in table.notes


def test_every_row_names_its_trials(compared, planned) -> None:
    stage = compared(planned()).train(accuracy).read()
    for table in only(stage).tables[:2]:
        assert [len(numbers) for numbers in table.trials] == [5, 5, 5]
        for level, numbers in zip(LEVELS, table.trials, strict=True):
            assert {stage.trials[n].params["optimizer"] for n in numbers} == {level}


def test_how_many_seeds_would_tell(compared, planned) -> None:
    table = only(compared(planned()).train(accuracy).read()).tables[0]
    gaps = measured("rmsprop") - measured("adam")
    effect = abs(gaps.mean()) / gaps.std(ddof=1)

    def power(n: int) -> float:
        t = stats.t.ppf(0.975, n - 1)
        return float(stats.nct.sf(t, n - 1, effect * math.sqrt(n)))

    needed = next((n for n in range(6, 101) if power(n) >= 0.8), None)
    count = f"about {needed - 5}" if needed else "more than 100"
    assert said(table, "More seeds").endswith(f"rmsprop {count}.")


def test_no_difference_would_take_more_than_a_hundred_seeds(compared, planned) -> None:
    stage = compared(planned()).train(lambda point, at: 0.9 + at / 100).read()
    table = only(stage).tables[0]
    assert said(table, "More seeds").endswith("sgd and rmsprop more than 100.")
    assert not any("best of" in note or "Better" in note for note in table.notes)


def test_a_single_best_is_named(compared, planned) -> None:
    better = {"sgd": 0.2, "adam": 0.1, "rmsprop": 0.0}
    stage = compared(planned()).train(
        lambda point, at: 0.5 + better[point["optimizer"]] + accuracy(point, at) / 100
    )
    table = only(stage.read()).tables[0]
    assert said(table, "every other") == "Better than every other level: sgd."
    assert said(table, "paired").startswith("sgd is better than adam; rmsprop is worse than adam (")


def test_less_is_better_of_an_error(compared, planned) -> None:
    table = only(compared(planned(measure="loss")).train(accuracy).read()).tables[0]
    assert column(table, "mean loss")[0] == pytest.approx(1 - measured("sgd").mean())
    assert said(table, "paired").startswith("sgd is worse than adam")


def test_one_seed_has_no_spread(compared, planned) -> None:
    published = (("sgd", 0.9), ("adam", 0.97))
    stage = compared(planned(published=published), seeds=1).train(accuracy).read()
    table = only(stage).tables[0]
    assert column(table, "seeds") == [1, 1, 1]
    assert {"sd", "95 % interval", "its 95 % interval", "p (Holm)"}.isdisjoint(names(table))
    assert "One seed: without intervals, because one seed has no spread." in table.notes
    assert column(table, "verdict") == ["undecided", "undecided", None]
    assert said(table, "sgd and adam: undecided").endswith("one seed only.")
    assert not any("rank" in note for note in table.notes)


def test_diverged_seeds_are_counted_and_in_no_mean(compared, planned) -> None:
    stage = compared(planned()).train(
        lambda point, at: (
            math.nan
            if (point["optimizer"], at) in {("sgd", 1), ("sgd", 3)}
            else accuracy(point, at)
        )
    )
    table = only(stage.read()).tables[0]
    kept = measured("sgd")[[0, 2, 4]]
    assert column(table, "seeds") == [3, 5, 5]
    assert column(table, "diverged") == [2, 0, 0]
    assert column(table, "mean val_accuracy")[0] == pytest.approx(kept.mean())
    gaps = kept - measured("adam")[[0, 2, 4]]
    assert column(table, "difference")[0] == pytest.approx(gaps.mean())
    assert said(table, "Diverged seeds").endswith("those of sgd are of the others alone.")


def test_what_is_missing_is_said(compared, planned) -> None:
    stage = compared(planned()).train(accuracy, most=7).read()
    table = only(stage).tables[0]
    assert "7 of 15 cells are there so far." in table.notes
    assert column(table, "seeds") == [3, 2, 2]
    assert column(table, "mean val_accuracy")[0] == pytest.approx(measured("sgd", 3).mean())


def test_before_anything_is_trained(compared, planned) -> None:
    section = only(compared(planned()).read())
    assert not section.tables
    assert section.notes[0] == "Nothing has been measured yet: 15 cells are to be trained."


def test_a_level_that_always_fails_keeps_its_row(compared, planned) -> None:
    stage = compared(planned()).train(
        lambda point, at: None if point["optimizer"] == "sgd" else accuracy(point, at)
    )
    table = only(stage.read()).tables[0]
    assert column(table, "optimizer") == list(LEVELS)
    assert column(table, "seeds") == [0, 5, 5]
    assert column(table, "failed")[0] > 0
    assert column(table, "mean val_accuracy")[0] is None
    assert said(table, "Without") == "Without any result: sgd. Cause: ValueError: no such thing"


def test_a_reference_that_always_fails(compared, planned) -> None:
    stage = compared(planned()).train(
        lambda point, at: None if point["optimizer"] == "adam" else accuracy(point, at)
    )
    table = only(stage.read()).tables[0]
    assert said(table, "nothing can be told apart").startswith("adam, which")
    assert "p (Holm)" not in names(table)


def test_verdicts_by_interval_and_tolerance(compared, planned) -> None:
    published = (("sgd", 0.9), ("adam", 0.99), ("rmsprop", measured("rmsprop").mean() + 0.006))
    stage = compared(planned(published=published, tolerance=0.006, source="A tutorial"))
    table = only(stage.train(accuracy).read()).tables[0]
    expected = []
    for level, figure in published:
        low, high = stats.t.interval(0.95, 4, measured(level).mean(), stats.sem(measured(level)))
        inside = figure - 0.006 <= low and high <= figure + 0.006
        outside = high < figure - 0.006 or low > figure + 0.006
        expected.append("holds" if inside else "contradicted" if outside else "undecided")
    assert expected == ["holds", "contradicted", "undecided"]
    assert column(table, "verdict") == expected
    assert column(table, "published") == [figure for _, figure in published]
    assert said(table, "A tutorial") == (
        "The figures published in A tutorial: one holds where the whole interval lies within "
        "± 0.006 of it."
    )
    assert "adam: contradicted, the whole interval is below it." in table.notes


def pace(point: dict[str, Any], at: int) -> float:
    return {32: 4.0, 64: 3.0, 128: 2.5}[point["batch_size"]] * (1 + at * point["batch_size"] / 5000)


def test_times_are_judged_as_ratios(compared, planned) -> None:
    given = planned(
        factor="batch_size",
        levels=(32, 64, 128),
        measure="seconds",
        published=((32, 40), (64, 30), (128, 20)),
        tolerance=0.05,
    )
    stage = compared(given).train(lambda point, at: 0.9, seconds=pace).read()
    table = only(stage).tables[0]
    times = {
        size: 4 * np.array([pace({"batch_size": size}, at) for at in range(5)])
        for size in (32, 64, 128)
    }
    assert column(table, "mean seconds") == pytest.approx([t.mean() for t in times.values()])
    p_values = [
        float(stats.ttest_rel(np.log(times[size]), np.log(times[32])).pvalue) for size in (64, 128)
    ]
    assert column(table, "p (Holm)")[1:] == pytest.approx(holm(p_values))
    ratios, intervals, verdicts = [1.0], [Typed("reference", "text")], [None]
    for size, figure in ((64, 0.75), (128, 0.5)):
        logs = np.log(times[size] / times[32])
        ratios.append(float(np.exp(logs.mean())))
        low, high = np.exp(stats.t.interval(0.95, 4, logs.mean(), stats.sem(logs)))
        intervals.append((pytest.approx(low), pytest.approx(high)))
        inside = figure - 0.05 <= low and high <= figure + 0.05
        verdicts.append("holds" if inside else "contradicted")
    assert column(table, "ratio to 32") == pytest.approx(ratios)
    assert column(table, "its 95 % interval") == intervals
    assert column(table, "published ratio") == pytest.approx([1, 0.75, 0.5])
    assert column(table, "verdict") == verdicts == [None, "holds", "contradicted"]
    assert said(table, "published order").startswith("The published order, 128 before 64 before 32")
    assert "faster" not in " ".join(table.notes)


def test_ratios_go_to_the_first_published_row(compared, planned) -> None:
    given = planned(
        factor="batch_size",
        levels=(32, 64, 128),
        measure="seconds",
        published=((64, 30), (128, 15)),
    )
    table = only(compared(given).train(lambda p, at: 0.9, seconds=pace).read()).tables[0]
    assert column(table, "published ratio") == [None, 1, 0.5]
    assert column(table, "ratio to 64")[1] == 1
    assert column(table, "its 95 % interval")[1] == Typed("baseline", "text")


def test_moments_of_one_run(compared, planned) -> None:
    def learning(point: dict[str, Any], at: int) -> list[float]:
        return [0.5 + 0.04 * epoch + float(NOISE[at][0]) for epoch in range(10)]

    given = planned(factor="epochs", levels=(2, 5, 10), measure="loss", base={"batch_size": 32})
    stage = compared(given).train(learning).read()
    assert len(stage.trials) == 5
    section = only(stage)
    table, cost = section.tables
    expected = [np.mean([1 - learning({}, at)[n - 1] for at in range(5)]) for n in (2, 5, 10)]
    assert column(table, "mean loss") == pytest.approx(expected)
    assert column(table, "difference")[0] == Typed("reference", "text")
    assert len(set(table.trials)) == 1
    assert "Measured: loss after so many epochs." in table.notes
    assert column(cost, "time") == pytest.approx([4, 10, 20])
    assert column(cost, "at epoch") == [2, 5, 10]
    assert section.notes[0].startswith("All rows at batch_size 32 (which isn't the baseline's), ")
    assert "epochs" not in section.notes[0]
    assert section.notes[1].startswith("All rows are moments of one run of 10 epochs")
    partly = compared(given).train(learning, most=2).read()
    assert "2 of 5 cells are there so far." in only(partly).tables[0].notes


def test_a_target_that_not_all_seeds_reach(compared, planned) -> None:
    def learning(point: dict[str, Any], at: int) -> list[float]:
        if point["optimizer"] == "sgd":
            return [0.5, 0.6, 0.7, 0.95 if at < 2 else 0.8]
        return [0.5, 0.95 if at % 2 else 0.6, 0.96, 0.97]

    given = planned(measure="epochs_to_target", target=0.9)
    section = only(compared(given).train(learning).read())
    table, cost = section.tables
    assert column(table, "reached") == [2, 5, 5]
    assert column(table, "of seeds") == [5, 5, 5]
    assert column(table, "mean epochs_to_target") == pytest.approx([4, 2.6, 2.6])
    assert said(table, "Measured").startswith("Measured: the epochs until val_accuracy reaches 0.9")
    assert column(cost, "reached the target") == [2, 5, 5]
    assert column(cost, "epochs to target") == [math.inf, 3, 3]
    assert column(cost, "time to target") == [math.inf, 6, 6]
    assert not any("diverged" in note.lower() for note in table.notes)


def test_cost(compared, planned) -> None:
    def learning(point: dict[str, Any], at: int) -> list[float]:
        top = accuracy(point, at)
        return [top - 0.2, top - 0.1, top, top - 0.01 * (at + 1)]

    stage = compared(planned()).train(learning, seconds=lambda p, at: 1.0 + at**2).read()
    cost = only(stage).tables[1]
    assert cost.title == "Convergence and cost"
    means = [measured(level).mean() for level in LEVELS]
    spreads = [measured(level).std(ddof=1) for level in LEVELS]
    assert column(cost, "best val_accuracy") == pytest.approx(means)
    assert column(cost, "sd") == pytest.approx(spreads)
    assert column(cost, "at epoch") == [3, 3, 3]
    assert column(cost, "time per epoch") == [5, 5, 5]
    times = 4 * (1.0 + np.arange(5) ** 2)
    assert column(cost, "time") == [np.median(times)] * 3
    assert column(cost, "its sd") == pytest.approx([times.std(ddof=1)] * 3)
    assert column(cost, "parameters") == [4192] * 3
    target = np.mean([learning({"optimizer": "adam"}, at)[1] for at in range(5)])
    reached = [
        sum(max(learning({"optimizer": level}, at)) >= target for at in range(5))
        for level in LEVELS
    ]
    assert column(cost, "reached the target") == reached
    assert f"reaches {target:.4f} (what adam reaches on average" in said(cost, "Target")


def test_the_best_epoch_is_the_first_of_equal_ones(compared, planned) -> None:
    def learning(point: dict[str, Any], at: int) -> list[float]:
        return [0.5, 0.1, 0.9, 0.1] if point["optimizer"] == "sgd" else [0.9, 0.5, 0.9, 0.2]

    for maximize, epochs in ((True, [3, 1, 1]), (False, [2, 4, 4])):
        cost = only(compared(planned(), maximize=maximize).train(learning).read()).tables[1]
        assert column(cost, "at epoch") == epochs
