"""The tables' exact numbers."""

import math
import subprocess
import sys
from typing import Any

import numpy as np
import optuna
import pytest
from scipy import stats

from optisearch.reading import StageResults
from optisearch.report import best as best_table
from optisearch.report import endings as endings_table
from optisearch.report import factors as factor_tables
from optisearch.report import importance as importance_table
from optisearch.report import leaderboard as leaderboard_table
from optisearch.report import progress as progress_table
from optisearch.report.figures import isolation
from optisearch.report.table import Column, Section, Table, Typed

NewStage = Any  # the class `Stage` of conftest.py


def only(section: Section | None) -> Table:
    assert section is not None
    [table] = section.tables
    return table


def column(table: Table, name: str) -> list[Any]:
    index = [column.name for column in table.columns].index(name)
    return [row[index] for row in table.rows]


def test_the_best_configuration_stands_beside_the_baseline(stage: StageResults) -> None:
    table = only(best_table.section(stage))
    assert [c.name for c in table.columns] == ["", "best (trial 1)", "baseline (trial 0)"]
    assert table.rows == (
        ("val_accuracy", Typed(0.95, "metric"), Typed(0.9, "metric")),
        ("at its best epoch", Typed(0.95, "metric"), Typed(0.9, "metric")),
        ("training time", Typed(8.0, "seconds"), Typed(4.0, "seconds")),
        ("time per epoch", Typed(4.0, "seconds"), Typed(2.0, "seconds")),
        ("parameters", None, Typed(50890, "count")),
        ("optimizer", "sgd", "adam"),
        ("learning_rate", 0.1, 0.001),
        ("regularization", "none", "none"),
        ("penalty", Typed("off", "text"), Typed("off", "text")),
        ("epochs", 4, 2),
    )
    assert table.notes == (
        "epochs is at the edge of its range 1 … 4: a better value may lie outside.",
    )
    assert set(table.trials) == {(1, 0)}


def test_the_leaderboard_ranks_completed_trials_only(stage: StageResults) -> None:
    table = only(leaderboard_table.section(stage))
    assert table.rows == (
        (1, 0.95, 0.95, 2, 8.0, "sgd, learning_rate 0.1, epochs 4"),
        (6, 0.92, 0.92, 2, 4.0, "learning_rate 0.02, l2, penalty 0.001"),
        (0, 0.9, 0.9, 2, 4.0, "nothing"),
    )
    assert table.trials == ((1,), (6,), (0,))
    assert len(table.notes) == 1


def test_equal_values_are_ranked_by_number(new_stage: NewStage) -> None:
    built = new_stage()
    for _ in range(12):
        built.add("completed", 0.5)
    table = only(leaderboard_table.section(built.read()))
    assert column(table, "trial") == list(range(10))


def test_a_factor_s_levels(stage: StageResults) -> None:
    section = factor_tables.section(stage)
    assert section is not None
    tables = {table.columns[0].name: table for table in section.tables}
    assert list(tables) == ["optimizer", "learning_rate", "regularization", "penalty", "epochs"]
    optimizer = tables["optimizer"]
    assert [c.name for c in optimizer.columns[1:]] == [
        "trials",
        "pruned",
        "diverged",
        "best",
        "best trial",
        "median",
        "seconds per epoch",
    ]
    assert optimizer.rows == (
        ("sgd", 3, 1, 1, 0.95, 1, 0.95, 0.5),
        ("adam", 2, 0, 0, 0.92, 6, pytest.approx(0.91), 2.0),
    )
    assert optimizer.trials == ((1, 2, 3), (0, 6))
    assert column(tables["learning_rate"], "trials") == [1, 1, 1, 2]
    assert tables["penalty"].rows[-1] == ("(off)", 4, 1, 1, 0.95, 1, pytest.approx(0.925), 1.25)


def test_every_factor_table_counts_each_trained_trial_once(stage: StageResults) -> None:
    section = factor_tables.section(stage)
    assert section is not None
    for table in section.tables:
        assert sum(column(table, "trials")) == stage.tally.trained
        assert sorted(n for row in table.trials for n in row) == [0, 1, 2, 3, 6]


def test_the_expected_best_at_equal_budget(searched: StageResults) -> None:
    section = factor_tables.section(searched)
    assert section is not None
    table = section.tables[0]
    assert column(table, "trials") == [20, 20]
    assert table.notes == ("expected best: of 5 trials of each level.",)  # a quarter of 20

    def expected(values: list[float]) -> float:
        n = len(values)
        weights = [math.comb(rank, 4) / math.comb(n, 5) for rank in range(n)]
        return float(np.dot(weights, sorted(values)))

    for at, optimizer in enumerate(["sgd", "adam"]):
        values = [t.value for t in searched.trials if t.params["optimizer"] == optimizer]
        assert column(table, "best")[at] == max(values)
        best = column(table, "expected best")[at]
        assert best == pytest.approx(expected(values))
        without = [expected(values[:gone] + values[gone + 1 :]) for gone in range(20)]
        half = stats.t.ppf(0.975, 19) * math.sqrt(19 / 20 * np.var(without) * 20)
        interval = column(table, "its 95 % interval")[at]
        assert interval == pytest.approx((best - half, best + half))
    assert any("adaptive sampler" in note for note in section.notes)


def test_the_expected_best_is_that_of_its_figure(searched: StageResults) -> None:
    section = factor_tables.section(searched)
    assert section is not None
    tables = {table.columns[0].name: table for table in section.tables}
    shown = 0
    for figure in isolation.figures(searched):
        table = tables[figure.title.split(":")[0]]
        if "its 95 % interval" in [c.name for c in table.columns]:
            bars = [(bar.label, bar.value, (bar.low, bar.high)) for bar in figure.bars]
            names = (table.columns[0].name, "expected best", "its 95 % interval")
            rows = list(zip(*(column(table, name) for name in names), strict=True))
            assert [row for row in rows if row[1] is not None] == bars
            shown += 1
    assert shown > 1


def test_a_diverged_trial_is_a_draw_as_bad_as_the_worst(new_stage: NewStage) -> None:
    built = new_stage(budget=40)
    for number in range(20):
        name = ["sgd", "adam"][number % 2]
        if name == "sgd" and number < 4:
            built.add("diverged", params=new_stage.point(name))
        else:
            built.add("completed", (20 + number) / 50, params=new_stage.point(name))
    section = factor_tables.section(built.read())
    assert section is not None
    draws = [21 / 50, 21 / 50, *((20 + number) / 50 for number in range(4, 20, 2))]
    pairs = [max(a, b) for at, a in enumerate(draws) for b in draws[at + 1 :]]
    assert column(section.tables[0], "expected best")[0] == pytest.approx(np.mean(pairs))


def test_too_few_trials_for_an_expected_best(stage: StageResults) -> None:
    section = factor_tables.section(stage)
    assert section is not None
    assert all("expected best" not in [c.name for c in t.columns] for t in section.tables)
    assert any(note.startswith("An expected best") for note in section.notes)


def test_columns_that_nothing_needs_are_left_out(new_stage: NewStage) -> None:
    section = factor_tables.section(new_stage().add("completed", 0.5).read())
    assert section is not None
    assert {"pruned", "diverged"}.isdisjoint(c.name for c in section.tables[0].columns)


def test_importance_is_optuna_s(searched: StageResults) -> None:
    table = only(importance_table.section(searched))
    shares = dict(table.rows)
    assert next(iter(shares)) == "learning_rate"
    assert sum(shares.values()) == pytest.approx(1)
    evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=5 / 40)
    theirs = optuna.importance.get_param_importances(
        searched.judged_study(), evaluator=evaluator, params=list(shares)
    )
    assert shares == pytest.approx(theirs)


def test_too_few_trials_for_importance_is_a_sentence(stage: StageResults) -> None:
    section = importance_table.section(stage)
    assert section == Section(
        "Importance", notes=("It takes 20 trials to tell; there are 4 so far.",)
    )


def test_constant_values_have_no_importance(new_stage: NewStage) -> None:
    built = new_stage()
    for number in range(20):
        built.add("completed", 0.5, params=new_stage.point(["sgd", "adam"][number % 2]))
    section = importance_table.section(built.read())
    assert section is not None
    assert not section.tables
    assert "same value" in section.notes[0]


def test_constant_settings_have_no_importance(new_stage: NewStage) -> None:
    built = new_stage()
    for number in range(20):
        built.add("completed", number / 20)
    section = importance_table.section(built.read())
    assert section is not None
    assert section.tables or section.notes


def test_progress(stage: StageResults) -> None:
    section = progress_table.section(stage)
    assert only(section).rows == (
        ("completed", 3, 6, 16.0),
        ("pruned", 1, 2, 1.0),
        ("diverged", 1, 2, 1.0),
        ("failed", 1, 2, 4.0),
        ("lost", 1, 2, 4.0),
        ("running", 1, None, None),
        ("all", 8, 14, 26.0),
    )
    assert section is not None
    assert section.notes == ("15 of the budget of 20 trials are left.",)


def test_a_used_up_budget(new_stage: NewStage) -> None:
    section = progress_table.section(new_stage(budget=1).add("completed", 0.5).read())
    assert section is not None
    assert section.notes == ("The budget of 1 trial is used up.",)


def test_failures_are_grouped_by_cause(new_stage: NewStage) -> None:
    built = new_stage()
    for _ in range(3):
        built.add("failed", error="ValueError: no\nsecond line")
    built.add("interrupted").add("lost").add("completed", 0.5, system={"optisearch:retry_of": 4})
    table = only(endings_table.section(built.read()))
    assert table.rows == (
        ("failed", 3, "0-2", "", "ValueError: no"),
        ("interrupted", 1, "3", "to be repeated", "the worker was asked to stop"),
        ("lost", 1, "4", "repeated", "the worker died"),
    )
    assert table.trials == ((0, 1, 2), (3,), (4,))


def test_the_lost_are_one_line_wherever_their_workers_were(new_stage: NewStage) -> None:
    built = new_stage()
    for number in range(40):
        built.add("lost", worker=f"node{number}:{number}")
    assert only(endings_table.section(built.read())).rows == (
        ("lost", 40, "0-39", "to be repeated", "the worker died"),
    )


def test_columns_can_be_dropped_with_their_values() -> None:
    table = Table("", (Column("a"), Column("b", "count"), Column("c")), (("x", 0, "y"),))
    assert table.without("a").rows == ((0, "y"),)
    assert table.without_empty("a", "b").rows == (("x", "y"),)


def test_telling_imports_nothing_heavy() -> None:
    script = """
import math, sys, optuna
from optisearch.report import report
from optisearch.report.render import TEXT_FORMATS, terminal, to_text
from optisearch.reading import read_stage
from rich.console import Console
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=30)
told = report(read_stage(study))
assert any(section.title == "Importance" and section.tables for section in told.sections)
terminal.render(told, Console())
for name in TEXT_FORMATS:
    to_text(told, name)
heavy = {"keras", "tensorflow", "sklearn", "scipy.stats", "pandas", "plotly", "matplotlib"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
import optuna.importance as later
assert later.get_param_importances(study) == {"x": 1.0}
assert later.FanovaImportanceEvaluator
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
