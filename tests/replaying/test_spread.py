"""How much seeds differ."""

from statistics import stdev

import pytest

from optisearch.replaying.spread import spread
from optisearch.statistics.estimate import t_quantile

from .conftest import Hill


def test_unknown_where_no_point_was_trained_twice(trained: Hill) -> None:
    assert spread(trained.recorded(0)) is None


def test_at_the_trials_own_point(trained: Hill) -> None:
    trained.train("compare")
    baseline = trained.recorded(0)
    cells = trained.recorded(0, "hill/compare").stage.trials
    values = [cell.value for cell in cells if baseline.point_of(cell) == baseline.point]
    found = spread(baseline)
    assert found is not None
    assert (found.trainings, found.points, found.df) == (4, 1, 3)
    assert found.sd == pytest.approx(stdev([*values, baseline.trial.value]))
    assert found.most == pytest.approx(t_quantile(3, 0.95) * 2**0.5 * found.sd)


def test_that_of_other_points(trained: Hill) -> None:
    """The second trial's point was trained once: the comparison's two speak for it."""
    trained.train("compare")
    found = spread(trained.recorded(1))
    assert found is not None
    assert found.points == 2
    assert (found.trainings, found.df) == (7, 5)


def test_numbers_without_any_spread_say_nothing(hill: Hill) -> None:
    hill.change("dice.random() / 100", "0.0")
    hill.train()
    hill.train("compare")
    assert spread(hill.recorded(0)) is None
