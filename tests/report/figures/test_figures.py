"""The figures' numbers."""

import math
from itertools import pairwise
from typing import Any

import pytest

from optisearch.reading import FactorInfo, StageInfo, StageResults, TrialResult
from optisearch.report import FIGURES, report
from optisearch.report.figure import Bars, Curves, Parallel, Scatter
from optisearch.report.figures import (
    factor_axes,
    history,
    isolation,
    learning,
    losses,
    parallel,
)
from optisearch.statistics import expected_best

NewStage = Any  # the class `Stage` of ../conftest.py


def test_the_best_so_far_rises_and_every_trained_trial_is_a_point(recorded: StageResults) -> None:
    [figure] = history.figures(recorded)
    [line] = figure.curves
    assert line.steps
    assert line.x == (*range(10), 11)
    assert line.y == (0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.99)
    found = {group.role: group for group in figure.points}
    assert {role: group.trials for role, group in found.items()} == {
        "best": (9,),
        "baseline": (0,),
        "plain": tuple(range(1, 9)),
        "pruned": (10,),
        "diverged": (11,),
    }
    assert found["pruned"].y == (0.2,)
    assert found["diverged"].y == (None,)
    assert "0.9900 was reached in trial 9" in figure.summary


def test_a_few_bad_values_don_t_flatten_the_others(new_stage: NewStage) -> None:
    built = new_stage()
    for number in range(12):
        built.add("completed", 0.1 if number == 5 else 0.95 + number / 1000)
    [figure] = history.figures(built.read())
    low, high = figure.y.span
    assert 0.94 < low < high == 0.961
    assert figure.notes


def test_all_values_are_shown_where_none_is_far_off(recorded: StageResults) -> None:
    [figure] = history.figures(recorded)
    assert figure.y.span is None
    assert not figure.notes


def test_learning_curves_of_the_best_four_and_the_baseline(recorded: StageResults) -> None:
    [figure] = learning.figures(recorded)
    assert [(curve.role, curve.trials) for curve in figure.curves] == [
        ("best", (9,)),
        ("plain", (8,)),
        ("plain", (7,)),
        ("plain", (6,)),
        ("baseline", (0,)),
        ("context", (1, 2, 3, 4, 5)),
    ]
    best, rest = figure.curves[0], figure.curves[-1]
    assert best.x == (1, 2, 3)  # counted from 1
    assert best.y == pytest.approx((0.6, 0.98, 0.99))
    assert rest.y == pytest.approx((0.6, 0.92, 0.93))  # the medians of 0.91 … 0.95
    assert rest.low == pytest.approx((0.6, 0.91, 0.92))
    assert rest.high == pytest.approx((0.6, 0.93, 0.94))


def test_a_number_that_isn_t_one_interrupts_a_curve(new_stage: NewStage) -> None:
    rows = [{"epoch": epoch, "val_accuracy": v} for epoch, v in enumerate([0.5, "nan", 0.7])]
    stage = new_stage().add("completed", 0.7, system={"optisearch:history": rows}).read()
    [figure] = learning.figures(stage)
    assert figure.curves[0].y == (0.5, None, 0.7)
    assert figure.curves[0].name == "trial 0, the best, also the baseline"


def test_loss_in_training_and_validation(recorded: StageResults) -> None:
    loss, accuracy = losses.figures(recorded)
    training, validation = loss.curves
    assert training.y == (1.0, 0.5, 1 / 3)
    assert validation.y == (0.75, 0.75, 0.75)
    assert validation.trials == (9,)
    assert accuracy.curves[1].y == pytest.approx((0.6, 0.98, 0.99))


def test_parallel_lines_go_through_the_settings(stage: StageResults) -> None:
    [figure] = parallel.figures(stage)
    assert figure.trials == (1, 6, 0)
    assert figure.roles == ("best", "plain", "baseline")
    values = {each.axis.label: each.values for each in figure.dimensions}
    assert values == {
        "optimizer": ("sgd", "adam", "adam"),
        "learning_rate": (0.1, 0.02, 0.001),
        "regularization": ("none", "l2", "none"),
        "epochs": (4, 2, 2),
        "val_accuracy": (0.95, 0.92, 0.9),
    }
    assert next(d for d in figure.dimensions if d.axis.label == "learning_rate").axis.log


def test_each_factor_s_axis(stage: StageResults) -> None:
    figures = {figure.x.label: figure for figure in factor_axes.figures(stage)}
    assert list(figures) == ["optimizer", "learning_rate", "regularization", "epochs"]
    assert figures["optimizer"].x.levels == ("sgd", "adam")
    rates = figures["learning_rate"]
    assert rates.x.log
    points = {
        trial: (x, y)
        for group in rates.groups
        for trial, x, y in zip(group.trials, group.x, group.y, strict=True)
    }
    assert points == {
        0: (0.001, 0.9),
        1: (0.1, 0.95),
        2: (0.0002, 0.4),
        3: (0.9, None),
        6: (0.02, 0.92),
    }
    assert "0.9500, lies at 0.1" in rates.summary


def test_the_best_of_each_level_where_there_are_few_trials(stage: StageResults) -> None:
    [optimizer, *_] = isolation.figures(stage)
    assert optimizer.title == "optimizer: the best trial"
    assert [(bar.label, bar.value, bar.low, bar.trials) for bar in optimizer.bars] == [
        ("sgd", 0.95, None, (1, 2, 3)),
        ("adam", 0.92, None, (0, 6)),
    ]
    assert [bar.role for bar in optimizer.bars] == ["plain", "baseline"]


def test_the_expected_best_at_equal_budget_where_there_are_many(searched: StageResults) -> None:
    [optimizer, *_] = isolation.figures(searched)
    assert optimizer.title == "optimizer: the expected best of 5 trials"
    for bar, name in zip(optimizer.bars, ["sgd", "adam"], strict=True):
        values = [t.value for t in searched.ranked if t.params["optimizer"] == name]
        expected = expected_best(values, 5, "maximize")
        assert (bar.value, bar.low, bar.high) == pytest.approx(
            (expected.value, expected.low, expected.high)
        )
        assert bar.mark == max(values)


def test_diverged_trials_use_up_draws(new_stage: NewStage) -> None:
    built = new_stage()
    for number in range(8):
        built.add("completed", 0.8 + number / 100, params=new_stage.point("sgd"))
        ending = "diverged" if number % 2 else "completed"
        built.add(ending, 0.8 + number / 100, params=new_stage.point("adam"))
    [figure] = isolation.figures(built.read())
    values = [0.8, math.nan, 0.82, math.nan, 0.84, math.nan, 0.86, math.nan]
    assert figure.bars[1].value == pytest.approx(
        expected_best(values, 2, "maximize", worst=0.8).value
    )


@pytest.mark.parametrize("declared", [True, False])
def test_nothing_yet_is_no_figure(new_stage: NewStage, declared: bool) -> None:
    empty = new_stage(declared=declared).read()
    assert not [figure for _, figures in FIGURES for figure in figures(empty)]
    one = new_stage(declared=declared).add("completed", 0.5).read()
    assert not [figure for _, figures in FIGURES for figure in figures(one)]


def test_figures_stand_beside_their_tables(recorded: StageResults) -> None:
    kinds = {
        section.title: [type(figure) for figure in section.figures]
        for section in report(recorded).sections
    }
    assert kinds["Best configuration"] == [Curves] * 3
    assert kinds["Leaderboard"] == [Curves, Curves, Parallel]
    assert set(kinds["Factors"]) == {Scatter, Bars}
    assert not kinds["Progress"]


def crowd(trials: int) -> StageResults:
    """A search of so many trials, the later the better; from the 6,000th on they are pruned."""
    factor = FactorInfo("rate", "real", 0.5, low=0.0, high=1.0)
    info = StageInfo("x/search", "x", "search", "", "score", "maximize", (factor,), declared=True)
    rows = [
        TrialResult(
            number,
            "completed" if number < 6_000 else "pruned",
            value=float(number),
            last_value=float(number),
            params={"rate": 0.5 if number == 1 else number / trials},
        )
        for number in range(trials)
    ]
    return StageResults(info, tuple(rows))


@pytest.mark.parametrize("figures", [history.figures, factor_axes.figures])
def test_a_crowd_is_thinned_out_and_the_note_says_so(figures: Any) -> None:
    stage = crowd(9_000)
    [figure] = figures(stage)
    groups = figure.points if isinstance(figure, Curves) else figure.groups
    shown = sorted(number for group in groups for number in group.trials)
    assert 1_500 <= len(shown) <= 1_511
    assert {1, *range(5_990, 6_000)} <= set(shown)  # the baseline, and the ten best
    assert max(after - before for before, after in pairwise([0, *shown, 9_000])) <= 6
    assert {group.role for group in groups} == {"best", "baseline", "plain", "pruned"}
    assert any("more than 1,500 trials" in note for note in figure.notes)
    # What is told of all trials is still told of all.
    assert "9,000" in figure.summary


@pytest.mark.parametrize("figures", [history.figures, factor_axes.figures])
def test_as_many_as_can_be_told_apart_are_all_drawn(figures: Any) -> None:
    [figure] = figures(crowd(1_500))
    groups = figure.points if isinstance(figure, Curves) else figure.groups
    assert sum(len(group.trials) for group in groups) == 1_500
    assert not any("1,500 trials" in note for note in figure.notes)
