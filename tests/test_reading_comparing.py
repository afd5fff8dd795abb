"""A comparison's rows, from trained cells."""

import math
from collections.abc import Callable
from dataclasses import replace
from statistics import fmean
from typing import Any

import pytest
from optuna.trial import Trial, TrialState

from optisearch import Comparison, Study, record
from optisearch.events import silence
from optisearch.lease import Owner
from optisearch.plan import Wanted
from optisearch.reading import ComparisonResults, StageResults, comparisons, read_stage
from optisearch.stage import Stage
from optisearch.study import Outcome, Run
from optisearch.training import make_trainer
from optisearch.worker import Stop, work

Compare = Callable[..., StageResults]


@pytest.fixture
def compared(open_compare: Callable[..., Stage], parabola: Study) -> Compare:
    """A comparison of the parabola, trained to its end."""

    def train(*given: Comparison, train: Any = parabola.train, **wishes: Any) -> StageResults:
        study = replace(parabola, train=train)
        stage = open_compare(*given, study=study, **({"seeds": 2} | wishes))
        work(stage, study, make_trainer(study, None), stop=Stop(), listener=silence)
        return read_stage(stage.study)

    return train


def only(stage: StageResults) -> ComparisonResults:
    (found,) = comparisons(stage)
    return found


def means(found: ComparisonResults, measure: str = "") -> dict[Any, float]:
    return {level: fmean(values.values()) for level, values in found.values(measure).items()}


def test_a_row_for_each_level_with_its_seeds_and_trials(compared: Compare) -> None:
    stage = compared(Comparison("x", levels=[5.0, 2.0, 100.0]), seeds=3)
    found = only(stage)
    assert [row.level for row in found.levels] == [5.0, 2.0, 100.0]
    assert (found.reference, found.is_baseline, found.tuned) == (5.0, True, False)
    assert (found.metric, found.maximize) == ("height", True)
    assert sorted(number for row in found.levels for number in row.numbers) == list(range(9))
    for row in found.levels:
        assert row.planned == 3
        assert row.point is not None
        assert row.point["x"] == row.level
        assert not row.failed
        for seed, trial in row.trials.items():
            assert trial.seed == seed
            assert stage.trials[trial.number] is trial
    assert len({tuple(row.trials) for row in found.levels}) == 1  # paired by seed
    assert means(found) == pytest.approx({5.0: -8.0 - 1 / 3, 2.0: 1 - 1 / 3, 100.0: -9603 - 1 / 3})


def test_measures_are_read_from_the_same_trials(compared: Compare) -> None:
    found = only(compared(Comparison("x", levels=[5.0, 3.0], measure="depth")))
    assert means(found) == {5.0: 9.0, 3.0: 1.0}
    assert means(found, "parameters") == {5.0: 2.0, 3.0: 2.0}
    assert means(found, "height") == means(found, "best_height")
    assert all(value >= 0 for value in means(found, "seconds").values())


def test_without_the_baseline_the_first_level_is_the_reference(compared: Compare) -> None:
    found = only(compared(Comparison("x", levels=[1.0, 2.0])))
    assert (found.reference, found.is_baseline) == (1.0, False)


def test_cells_are_shared_between_tables(compared: Compare) -> None:
    stage = compared(Comparison("x", levels=[5.0, 1.0]), Comparison("shape"))
    by_x, by_shape = comparisons(stage)
    assert len(stage.trials) == 2 * 3
    assert by_x.levels[0].numbers == by_shape.levels[0].numbers


def test_epochs_are_read_from_one_run(compared: Compare) -> None:
    stage = compared(Comparison("epochs", levels=[1, 2, 4]))
    found = only(stage)
    assert len(stage.trials) == 2
    assert len({row.numbers for row in found.levels}) == 1
    assert means(found) == pytest.approx({n: 1 - 9 - 1 / n for n in (1, 2, 4)})
    seconds = means(found, "seconds")
    assert seconds[1] <= seconds[2] <= seconds[4]


def test_the_default_target_is_the_references_at_half_of_its_epochs(compared: Compare) -> None:
    found = only(compared(Comparison("x", levels=[5.0, 1.0, 9.0], measure="epochs_to_target")))
    assert found.target == pytest.approx(1 - 9 - 1 / 2)  # three epochs: the second
    assert means(found) == {5.0: 2, 1.0: 1, 9.0: math.inf}


def test_a_target_of_ones_own(compared: Compare) -> None:
    by = Comparison("x", levels=[5.0, 1.0], measure="epochs_to_target", target=-0.4)
    found = only(compared(by))
    assert found.target == -0.4
    assert means(found) == {5.0: math.inf, 1.0: 3}


def test_nothing_is_known_before_anything_is_trained(open_compare: Callable[..., Stage]) -> None:
    found = only(read_stage(open_compare(Comparison("shape")).study))
    assert found.target is None
    assert found.values() == {"flat": {}, "steep": {}}
    assert [(row.trials, row.planned) for row in found.levels] == [({}, 5), ({}, 5)]


def test_what_diverged_is_no_number_and_still_there(compared: Compare, parabola: Study) -> None:
    def train(hp: Any, data: Any, run: Run) -> Outcome | None:
        if hp.shape == "steep":
            run.report(0, {"height": math.nan})
        assert parabola.train is not None
        return parabola.train(hp, data, run)

    found = only(compared(Comparison("shape"), train=train))
    values = found.values()
    assert len(values["steep"]) == 2
    assert all(map(math.isnan, values["steep"].values()))
    assert all(map(math.isfinite, values["flat"].values()))
    assert [trial.ending for trial in found.levels[1].trials.values()] == ["diverged"] * 2


def test_a_level_that_always_fails_says_so_and_keeps_no_other_back(
    compared: Compare, parabola: Study
) -> None:
    def train(hp: Any, data: Any, run: Run) -> Outcome | None:
        if hp.shape == "steep":
            raise ValueError("it is too steep")
        assert parabola.train is not None
        return parabola.train(hp, data, run)

    stage = compared(Comparison("shape"), train=train, seeds=5)
    flat, steep = only(stage).levels
    assert (len(flat.trials), len(steep.trials), steep.planned) == (5, 0, 5)
    assert {trial.error for trial in steep.failed} == {"ValueError: it is too steep"}
    assert len(steep.failed) == record.MAX_FAILURES_AT_A_POINT
    found = stage.progress()
    assert (found.done, found.given_up, found.left, found.total) == (5, 5, 0, 10)


def test_a_failure_that_was_made_up_for_is_none(
    open_compare: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_compare(Comparison("epochs", levels=[1, 4]), seeds=1)
    trial = stage.take(owner)
    assert isinstance(trial, Trial)
    trial.set_user_attr(record.END_REASON, "failed")
    stage.study.tell(trial, state=TrialState.FAIL)
    assert len(only(read_stage(stage.study)).levels[0].failed) == 1
    again = stage.take(owner)
    assert isinstance(again, Trial)
    stage.study.tell(again, 0.5)
    found = read_stage(stage.study)
    assert found.trials[0].superseded
    row = only(found).levels[0]
    assert (row.numbers, row.failed) == ((1,), ())


def test_the_two_halves_of_a_tuned_comparison(compared: Compare) -> None:
    stage = compared(Comparison("shape", tune=["x"]))
    plain, tuned = comparisons(stage)
    assert (plain.tuned, tuned.tuned) == (False, True)
    assert plain.target == tuned.target
    for before, after in zip(plain.levels, tuned.levels, strict=True):
        assert before.tuning is None
        assert after.tuning is not None
        assert after.tuning.chosen is not None
        assert after.point is not None
        best = min((cell.point["x"] for cell in after.tuning.cells), key=lambda x: abs(x - 2))
        assert after.point["x"] == after.tuning.chosen["x"] == best
        assert len(after.trials) == 2
        assert not set(after.numbers) & set(before.numbers)
    # No trial that served to choose is in a table.
    tuning = {trial.number for trial in stage.trials if '"tuning"' in (trial.cell or "")}
    shown = {number for table in (plain, tuned) for row in table.levels for number in row.numbers}
    assert len(tuning) >= 24
    assert not tuning & shown
    assert len(tuning | shown) == len(stage.trials)


def test_only_a_part(compared: Compare) -> None:
    stage = compared(Comparison("shape", tune=["x"]), Comparison("x", levels=[5.0, 1.0]))
    part = stage.only(Wanted(("shape",), tuned=False))
    assert [(each.planned.name, each.tuned) for each in comparisons(part)] == [("shape", False)]
    assert part.progress().total == 4


def test_a_search_has_no_comparisons(open_parabola: Callable[..., Stage]) -> None:
    assert comparisons(read_stage(open_parabola().study)) == ()


def test_how_long_the_rest_takes(open_compare: Callable[..., Stage], owner: Owner) -> None:
    stage = open_compare(Comparison("x", levels=[5.0, 1.0]), seeds=3)
    for seconds in (2.0, 6.0):
        trial = stage.take(owner)
        assert isinstance(trial, Trial)
        trial.set_user_attr(record.SECONDS, seconds)
        stage.study.tell(trial, 0.5)
    found = read_stage(stage.study).progress()
    assert (found.done, found.total, found.left) == (2, 6, 4)
    assert found.seconds_left == pytest.approx(2 * 2.0 + 2 * 6.0)
