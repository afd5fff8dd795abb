"""The tuned half: what was searched and chosen, then the same evidence with fresh seeds."""

import math
from typing import Any

import numpy as np
import pytest

from optisearch.report.comparisons import answer, evidence, sections
from optisearch.report.table import Table

NOISE = np.random.default_rng(7).normal(0, 0.001, (8, 3))
LEVELS = ("sgd", "adam", "rmsprop")
# Where each is best: for SGD beyond the declared range, which ends at 1.
OPTIMA = {"sgd": 0.5, "adam": -2.0, "rmsprop": -3.0}
TOPS = {"sgd": 0.98, "adam": 0.97, "rmsprop": 0.95}


def accuracy(point: dict[str, Any], at: int) -> float:
    level = point["optimizer"]
    off = math.log10(point["learning_rate"]) - OPTIMA[level]
    return TOPS[level] - 0.02 * off**2 + float(NOISE[at][LEVELS.index(level)])


def column(table: Table, name: str) -> list[Any]:
    [index] = [at for at, column in enumerate(table.columns) if column.name == name]
    return [row[index] for row in table.rows]


@pytest.fixture
def tuned(planned) -> Any:
    return planned(tune=("learning_rate",))


def test_what_was_chosen(compared, tuned) -> None:
    stage = compared(tuned).train(accuracy).read()
    [section] = sections(stage)
    titles = [table.title for table in section.tables]
    assert titles == [
        "At the same settings for all",
        "Convergence and cost",
        "After some epochs",
        "Tuned: what was chosen",
        "Tuned: with fresh seeds",
        "Tuned: convergence and cost",
        "Tuned: after some epochs",
    ]
    table, fresh = section.tables[3:5]
    tried: dict[str, dict[float, float]] = {level: {} for level in LEVELS}
    for trial in stage.trials:
        if trial.seed not in stage.plan.fresh_seeds:
            tried[trial.params["optimizer"]][trial.params["learning_rate"]] = trial.value
    best = [max(values, key=values.__getitem__) for values in tried.values()]
    assert column(table, "learning_rate") == best
    assert column(table, "val_accuracy there") == [max(v.values()) for v in tried.values()]
    assert column(table, "points") == column(table, "of") == [len(v) for v in tried.values()]
    ranges = column(table, "searched learning_rate")
    assert ranges[1:] == ["1e-4 … 1", "1e-4 … 1"]
    assert ranges[0].endswith("10 (widened)")
    assert best[0] > 1
    assert [len(numbers) for numbers in table.trials] == column(table, "of")
    repeated = [
        np.mean([accuracy({"optimizer": o, "learning_rate": b}, at) for at in range(5)])
        for o, b in zip(LEVELS, best, strict=True)
    ]
    assert column(fresh, "mean val_accuracy") == pytest.approx(repeated)
    assert any("same quasi-random points" in note for note in table.notes)
    assert any("12 points for each level" in note for note in table.notes)
    assert not set(sum(table.trials, ())) & set(sum(fresh.trials, ()))
    assert section.notes[0].endswith("the tuned rows with learning_rate as chosen.")


def test_both_halves_may_say_different_things(compared, tuned) -> None:
    stage = compared(tuned).train(accuracy).read()
    as_it_stands, _, _, _, fresh, _, _ = sections(stage)[0].tables
    assert any(note.startswith("sgd is worse than adam") for note in as_it_stands.notes)
    assert any(note.startswith("sgd is better than adam") for note in fresh.notes)
    assert "Better than every other level: sgd." in fresh.notes
    assert answer(stage).startswith("Of 3 levels of optimizer adam and rmsprop can't be told apart")
    assert evidence(stage)[-1] == (
        "Every level ran at the same settings: this compares settings, not methods. Tuned for each "
        "level: of 3 levels of optimizer sgd has the best val_accuracy (5 seeds)."
    )


def test_unsettled_yet(compared, tuned) -> None:
    stage = compared(tuned).train(accuracy, most=15 + 8).read()
    [section] = sections(stage)
    table = section.tables[3]
    assert [t.title for t in section.tables][4:] == []
    assert column(table, "points") == [3, 3, 2]
    assert column(table, "of") == [12, 12, 12]
    assert "learning_rate" not in [c.name for c in table.columns]
    assert column(table, "remark") == ["not chosen yet"] * 3
    assert evidence(stage)[-1].endswith("The tuned half, which compares methods, isn't finished.")


def test_hopeless_and_at_the_edge(compared, tuned) -> None:
    def outcome(point: dict[str, Any], at: int) -> float:
        if point["optimizer"] == "sgd" and at < 0:
            return math.nan
        if point["optimizer"] == "adam":  # the larger the better, without an end
            return 0.1 * math.log10(point["learning_rate"]) + float(NOISE[at][0])
        return accuracy(point, at)

    stage = compared(tuned).train(outcome).read()
    table = sections(stage)[0].tables[3]
    remarks = column(table, "remark")
    assert remarks[0] == "no point gave a finite value"
    assert remarks[1] == "learning_rate at the edge of what was tried"
    assert remarks[2] == ""
    assert any("undersold" in note for note in table.notes)


def test_without_its_tuned_half(compared, tuned) -> None:
    from dataclasses import replace

    stage = compared(replace(tuned, tune=(), points=())).train(accuracy).read()
    [section] = sections(stage)
    assert [table.title for table in section.tables] == [
        "",
        "Convergence and cost",
        "After some epochs",
    ]


def test_two_factors_are_tuned_together(compared, planned) -> None:
    stage = compared(planned(tune=("learning_rate", "batch_size"))).train(
        lambda point, at: accuracy(point, at) - abs(point["batch_size"] - 128) / 1000
    )
    table = sections(stage.read())[0].tables[3]
    fresh = stage.plan.fresh_seeds
    tried = [trial for trial in stage.trials if trial.seed not in fresh]
    for at, level in enumerate(LEVELS):
        own = [trial for trial in tried if trial.params["optimizer"] == level]
        best = max(own, key=lambda trial: trial.value)
        assert column(table, "learning_rate")[at] == best.params["learning_rate"]
        assert column(table, "batch_size")[at] == best.params["batch_size"] == 128
        assert column(table, "val_accuracy there")[at] == best.value
    assert column(table, "searched batch_size") == ["32 | 64 | 128"] * 3
    assert any("20 points for each level" in note for note in table.notes)


def test_published_figures_are_counted_at_their_own_settings(compared, planned) -> None:
    given = planned(tune=("learning_rate",), published=(("sgd", 0.5), ("adam", 0.5)))
    lines = evidence(compared(given).train(accuracy).read())
    assert lines[1].startswith("2 published figures: ")
    assert lines[2].startswith("Of 1 comparison,")
