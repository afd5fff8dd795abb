"""Replayed searches: what the simulated clock says, and what ends a trial."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from benchmarks.curves.grid import Grid
from benchmarks.curves.methods import ASHA, DEFAULT, METHODS, RANDOM, VARIANTS
from benchmarks.curves.replay import Setting, replay
from benchmarks.curves.table import Table

MakeTable = Callable[..., Table]
FIXED = Setting(epochs_searched=False, share=1e-6, trials=50)
WITHOUT_TORCH = [method for method in (*METHODS, *VARIANTS) if method.sampler != "gp"]


def values_with_best(grid: Grid, best: int) -> np.ndarray:
    return np.where(np.arange(len(grid.points)) == best, 0.9, 0.5)


def test_the_baseline_comes_first_and_takes_its_start_and_its_epochs(
    make_table: MakeTable, grid: Grid
) -> None:
    baseline = grid.nearest({"kind": "plain", "rate": 1e-2, "strength": 0.5})
    found = replay(make_table(values_with_best(grid, baseline)), RANDOM, FIXED, 0)
    assert found.reached == pytest.approx(0.5 + 6)
    assert (found.trials, found.epochs) == (1, 6)
    assert found.best == pytest.approx(0.9)


def test_searched_epochs_are_the_trial_s_own(make_table: MakeTable, grid: Grid) -> None:
    table = make_table(np.full(len(grid.points), 0.5))
    setting = Setting(share=0.999, trials=5)  # any end of a trial will do
    assert replay(table, RANDOM, setting, 0).reached == pytest.approx(0.5 + 3)  # the baseline's 3


def test_workers_share_the_clock(make_table: MakeTable) -> None:
    """Random proposals follow from seed and number alone: four workers make four in each round."""
    one, four = (replay(make_table(), RANDOM, replace(FIXED, workers=n), 3) for n in (1, 4))
    assert one.trials > 1
    assert one.reached == pytest.approx(6.5 * one.trials)
    assert four.reached == pytest.approx(6.5 * math.ceil(one.trials / 4))


def test_what_is_out_of_reach_ends_with_the_budget(make_table: MakeTable, grid: Grid) -> None:
    rare = int(np.argmin(grid.weights))
    found = replay(make_table(values_with_best(grid, rare)), RANDOM, replace(FIXED, trials=3), 0)
    assert math.isinf(found.reached)
    assert found.trials == 3 + 1  # the budget is over when the fourth has just begun
    assert found.best == pytest.approx(0.5)


def test_a_hopeless_trial_is_pruned_and_a_diverged_one_ends(
    make_table: MakeTable, grid: Grid
) -> None:
    table = make_table()
    pruning = replay(table, ASHA, FIXED, 5)
    without = replay(table, RANDOM, FIXED, 5)
    assert pruning.epochs / pruning.trials < without.epochs / without.trials == 6
    values, seconds = table.values.copy(), table.seconds.copy()
    values[:-1, 1:], seconds[:-1, 2:] = np.nan, np.nan  # all but the best in their second epoch
    diverging = replay(make_table(values=values, seconds=seconds), RANDOM, FIXED, 5)
    assert diverging.trials == without.trials
    assert diverging.epochs == 2 * (without.trials - 1) + 6


def test_only_a_completed_trial_reaches_the_target(make_table: MakeTable) -> None:
    """A curve that passes the target on its way and falls again hasn't reached it."""
    table = make_table()
    values = table.values.copy()
    values[:, 2] = 1.0
    found = replay(make_table(values=values), RANDOM, FIXED, 0)
    assert found.reached == replay(table, RANDOM, FIXED, 0).reached


@pytest.mark.parametrize("method", WITHOUT_TORCH, ids=lambda method: method.name)
def test_a_search_is_a_function_of_its_seed(method: object, make_table: MakeTable) -> None:
    table, setting = make_table(), Setting(workers=2, share=1e-3, trials=30)
    first, again = (replay(table, method, setting, 4) for _ in range(2))  # type: ignore[arg-type]
    assert replace(first, computed=0.0) == replace(again, computed=0.0)
    assert first.trials > 2


def test_methods_have_names_of_their_own_and_the_default_is_one() -> None:
    names = [method.name for method in (*METHODS, *VARIANTS)]
    assert len(set(names)) == len(names)
    assert DEFAULT.name in names[: len(METHODS)]
