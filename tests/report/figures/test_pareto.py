"""The metric against the training time, with its Pareto front."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def dominates(one: TrialResult, other: TrialResult, info: StageInfo) -> bool:
    assert one.value is not None
    assert other.value is not None
    mine, theirs = (one.seconds, info.rank(one.value)), (other.seconds, info.rank(other.value))
    return all(a <= b for a, b in zip(mine, theirs, strict=True)) and mine != theirs


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
@given(points=st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 3)), max_size=12))
def test_it_is_the_definition_s(direction: Any, points: list[tuple[int, int]]) -> None:
    info = replace(INFO, direction=direction)
    trials = [trial(number, float(s), float(v)) for number, (s, v) in enumerate(points)]
    expected = {
        each.number for each in trials if not any(dominates(other, each, info) for other in trials)
    }
    found = pareto.front(trials, info)
    assert {each.number for each in found} == expected
    times = [each.seconds for each in found]
    assert times == sorted(times)


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
