"""The grid: which points there are, which one a proposal means, how probable each is."""

import optuna
import pytest
from benchmarks.curves.grid import Grid
from benchmarks.curves.table import Table

from optisearch import space as spaces


def test_levels_of_a_switched_off_factor_make_no_points_of_their_own(grid: Grid) -> None:
    assert len(grid.points) == 3 + 3 * 2
    assert {"kind": "plain", "rate": 1e-4} in grid.points
    assert {"kind": "strong", "rate": 1.0, "strength": 0.6} in grid.points
    assert list(grid.keys.values()) == list(range(9))


@pytest.mark.parametrize(
    ("proposed", "recorded"),
    [
        ({"kind": "plain", "rate": 0.09, "strength": 0.5}, {"kind": "plain", "rate": 1e-2}),
        ({"kind": "plain", "rate": 0.11, "strength": 0.9}, {"kind": "plain", "rate": 1.0}),
        (
            {"kind": "strong", "rate": 2e-4, "strength": 0.41},
            {"kind": "strong", "rate": 1e-4, "strength": 0.6},
        ),
    ],
)
def test_a_proposal_means_the_nearest_point_in_the_factors_own_scale(
    grid: Grid, proposed: dict[str, object], recorded: dict[str, object]
) -> None:
    assert grid.points[grid.nearest(proposed)] == recorded


def test_weights_are_those_of_a_random_search(grid: Grid, make_table: object) -> None:
    assert grid.weights.sum() == pytest.approx(1.0)
    table: Table = make_table()  # type: ignore[operator]
    space = table.space(epochs_searched=False)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    counts = [0] * len(grid.points)
    for _ in range(2000):
        counts[grid.nearest(vars(spaces.suggest(space, study.ask())))] += 1
    for weight, count in zip(grid.weights, counts, strict=True):
        deviation = (weight * (1 - weight) / 2000) ** 0.5
        assert abs(count / 2000 - weight) < 4 * deviation
