"""Tables: stored as they are, and what a random search would find in them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from benchmarks.curves.grid import Grid
from benchmarks.curves.recordings import RECORDINGS
from benchmarks.curves.table import FOLDER, Table, load

from optisearch import space as spaces

MakeTable = Callable[..., Table]


def test_a_table_is_read_as_it_was_written(make_table: MakeTable, tmp_path: Path) -> None:
    table = make_table()
    table.save(tmp_path / "made.npz")
    read = load(tmp_path / "made.npz")
    assert read.grid == table.grid
    assert read.epochs == table.epochs
    assert read.recorded == table.recorded
    for name in ("values", "seconds", "starts"):
        assert np.array_equal(getattr(read, name), getattr(table, name))


def test_its_space_is_the_study_s_with_the_recorded_options(make_table: MakeTable) -> None:
    factors = spaces.factors(make_table().space(epochs_searched=True))
    assert list(factors) == ["kind", "rate", "strength", "epochs"]
    assert factors["kind"].options == ("plain", "strong")  # type: ignore[attr-defined]
    assert (factors["rate"].low, factors["rate"].high) == (1e-4, 1.0)  # type: ignore[attr-defined]
    assert factors["strength"].when == {"kind": ("strong",)}
    assert "epochs" not in spaces.factors(make_table().space(epochs_searched=False))


def test_the_target_is_what_a_share_of_random_trials_reaches(
    make_table: MakeTable, grid: Grid
) -> None:
    table = make_table()
    best = float(grid.weights[-1])  # values rise with the points' numbers
    assert table.target(best / 2, table.lengths(searched=False)) == pytest.approx(0.9)
    assert table.target(best * 1.01, table.lengths(searched=False)) == pytest.approx(0.8)
    assert table.share(0.85, table.lengths(searched=False)) == pytest.approx(best)
    assert table.share(0.85, table.lengths(searched=True)) == pytest.approx(best / 5)
    # With epochs searched, only one trial in five is long enough for the best value.
    assert table.target(best / 5.01, table.lengths(searched=True)) == pytest.approx(0.9)
    assert table.target(best / 4.99, table.lengths(searched=True)) < 0.9


def test_less_may_be_better(make_table: MakeTable) -> None:
    table = make_table(direction="minimize")
    assert -table.target(1e-6, table.lengths(searched=False)) == pytest.approx(0.1)


def test_a_diverged_trial_is_worth_nothing_and_costs_what_it_trained(
    make_table: MakeTable, grid: Grid
) -> None:
    table = make_table()
    whole = table.cost(table.lengths(searched=False))
    assert whole == pytest.approx(6.5)
    values, seconds = table.values.copy(), table.seconds.copy()
    values[0, 1:], seconds[0, 2:] = np.nan, np.nan  # in its second epoch
    diverged = make_table(values=values, seconds=seconds)
    assert diverged.worth[0, -1] == -np.inf
    assert diverged.cost(diverged.lengths(searched=False)) == pytest.approx(
        whole - 4 * grid.weights[0]
    )


def test_how_much_an_epoch_tells_of_the_last_one(make_table: MakeTable) -> None:
    table = make_table()
    assert table.agreement(1, share=1.0) == pytest.approx(1.0)
    values = table.values.copy()
    values[:, 1] = -values[:, 1]
    assert make_table(values=values).agreement(2, share=1.0) == pytest.approx(-1.0)
    # Only the best half are upside down.
    values = table.values.copy()
    values[4:, 1] = values[4:, 1][::-1]
    assert make_table(values=values).agreement(2, share=0.5) == pytest.approx(-1.0)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.npz")), ids=lambda path: path.stem)
def test_the_recorded_tables_are_whole(path: Path) -> None:
    table = load(path)
    levels = {factor.name: factor.levels for factor in table.grid.factors}
    assert levels == RECORDINGS[path.stem].levels
    points, epochs = len(table.grid.keys), int(table.epochs.high or 0)
    assert table.values.shape == table.seconds.shape == (points, epochs)
    trained = ~np.isnan(table.seconds)
    # NaN only at the end of a curve, and a time for the epoch in which it diverged.
    assert np.array_equal(trained.sum(axis=1), table.ends)
    assert (np.diff(np.isnan(table.values).astype(int), axis=1) >= 0).all()
    assert (table.seconds[trained] > 0).all()
    assert path.stat().st_size < 400_000
