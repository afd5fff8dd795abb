"""The metric against the training time, with its Pareto front."""

from dataclasses import replace
from typing import Any

import pytest

from optisearch.objectives import Objective
from optisearch.reading import StageInfo, StageResults, TrialResult
from optisearch.report.figures import pareto

NewStage = Any  # the class `Stage` of ../conftest.py
INFO = StageInfo("x/search", "x", "search", "", "score", "maximize")


def trial(number: int, seconds: float, value: float) -> TrialResult:
    return TrialResult(number, "completed", value=value, seconds=seconds)


def test_the_front_is_what_no_other_trial_beats_in_both(new_stage: NewStage) -> None:
    built = new_stage()
    for seconds, value in [(4, 0.9), (2, 0.8), (3, 0.7), (8, 0.95), (8, 0.94), (9, 0.95)]:
        built.add("completed", value, seconds=seconds)
    built.add("pruned", 0.99, seconds=1).add("diverged", seconds=1)
    [figure] = pareto.figures(built.read())
    [line] = figure.curves
    assert line.steps
    assert line.trials == (1, 0, 3)
    assert line.x == (2, 4, 8, 9)  # the best so far holds until the longest trial
    assert line.y == (0.8, 0.9, 0.95, 0.95)
    points = {number for group in figure.points for number in group.trials}
    assert points == {0, 1, 2, 3, 4, 5}
    assert figure.title == "val_accuracy against training time"
    assert "Of 6 completed trials 3 are beaten by no other one" in figure.summary
    assert "0.9500 in 8.0 s (trial 3)" in figure.summary


@pytest.mark.parametrize(("longest", "log"), [(9.0, False), (11.0, True)])
def test_times_of_very_different_lengths_are_shown_by_their_logarithms(
    longest: float, log: bool
) -> None:
    stage = StageResults(INFO, (trial(0, 1.0, 0.5), trial(1, longest, 0.6)))
    [figure] = pareto.figures(stage)
    assert figure.x.log is log


def test_a_crowd_is_thinned_out_but_for_the_front() -> None:
    trials = [trial(number, 5.0 + number, 0.5) for number in range(1_000)]
    trials[501], trials[777] = trial(501, 1.0, 0.1), trial(777, 2.0, 0.3)
    [figure] = pareto.figures(StageResults(INFO, tuple(trials)), most=100)
    shown = {number for group in figure.points for number in group.trials}
    assert set(figure.curves[0].trials) == {501, 777, 0}
    assert {501, 777, 0} <= shown
    assert len(shown) <= 113
    assert any("more than 100 trials" in note for note in figure.notes)


def test_without_times_there_is_no_figure() -> None:
    one, two = trial(0, 1.0, 0.5), replace(trial(1, 1.0, 0.5), seconds=None)
    assert pareto.figures(StageResults(INFO, (one, two))) == ()


TWO = replace(INFO, others=(Objective("parameters"),))


def two(number: int, ending: Any, value: float, parameters: float | None) -> TrialResult:
    """A trial of two objectives."""
    known = None if parameters is None else int(parameters)
    if ending == "pruned":
        return TrialResult(number, ending, parameters=known, last_epoch=0, last_value=value)
    assert parameters is not None
    return TrialResult(number, ending, value, others=(parameters,), parameters=known)


def test_two_objectives_are_drawn_with_what_was_pruned() -> None:
    trials = (
        two(0, "completed", 0.9, 400),
        two(1, "completed", 0.8, 100),
        two(2, "completed", 0.7, 200),
        two(3, "pruned", 0.1, 900),
        two(4, "pruned", 0.2, None),
    )
    stage = StageResults(TWO, trials)
    [figure] = pareto.of_objectives(stage)
    assert figure.title == "score against parameters"
    assert (figure.x.kind, figure.x.better) == ("count", "lower")
    [line] = figure.curves
    assert (line.x, line.y, line.trials) == ((100, 400, 900), (0.8, 0.9, 0.9), (1, 0))
    by_role = {group.role: group.trials for group in figure.points}
    assert by_role == {"best": (0,), "plain": (1, 2), "pruned": (3,)}
    assert "0.8000 at parameters 100 (trial 1)" in figure.summary
    assert pareto.of_objectives(replace(stage, info=INFO)) == ()


def test_the_axis_is_cut_where_no_trial_of_the_front_is() -> None:
    good = [two(number, "completed", 0.9 + number / 1000, 900) for number in range(20)]
    trials = (*good, two(20, "completed", 0.6, 5), two(21, "completed", 0.1, 999))
    [figure] = pareto.of_objectives(StageResults(TWO, trials))
    assert figure.y.span == (0.6, 0.919)


def test_of_what_is_to_be_large_the_line_holds_to_the_left() -> None:
    info = replace(INFO, others=(Objective("recall", "maximize"),))
    trials = [two(0, "completed", 0.9, 1), two(1, "completed", 0.5, 3), two(2, "completed", 0.4, 0)]
    [figure] = pareto.of_objectives(StageResults(info, tuple(trials)))
    assert (figure.curves[0].x, figure.curves[0].y) == ((0, 1, 3), (0.9, 0.5, 0.5))


def test_a_time_that_is_an_objective_is_drawn_once() -> None:
    info = replace(INFO, others=(Objective("seconds"),))
    stage = StageResults(info, (two(0, "completed", 0.9, 1), two(1, "completed", 0.5, 3)))
    assert pareto.figures(stage) == ()
    assert len(pareto.of_objectives(stage)) == 1
