"""The figures' numbers are the tables'."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from optisearch.report.comparisons import sections
from optisearch.report.figure import Bars, Curves

NOISE = np.random.default_rng(5).normal(0, 0.004, (8, 3))
LEVELS = ("sgd", "adam", "rmsprop")


def learning(point: dict[str, Any], at: int) -> list[float]:
    level = LEVELS.index(point["optimizer"])
    return [0.5 + 0.1 * level + 0.05 * epoch + float(NOISE[at][level]) for epoch in range(4)]


def test_bars_show_the_table(compared, planned) -> None:
    given = planned(published=(("sgd", 0.66), ("adam", 0.7)))
    [section] = sections(compared(given).train(learning).read())
    table = section.tables[0]
    bars = section.figures[0]
    assert isinstance(bars, Bars)
    names = [column.name for column in table.columns]
    for bar, row in zip(bars.bars, table.rows, strict=True):
        cells = dict(zip(names, row, strict=True))
        assert bar.label == cells["optimizer"]
        assert bar.value == cells["mean val_accuracy"]
        assert (bar.low, bar.high) == cells["95 % interval"]
        assert bar.mark == cells["published"]
    assert [bar.role for bar in bars.bars] == ["plain", "baseline", "plain"]
    assert bars.mark == "published"
    assert not bars.from_zero


def test_learning_curves_have_bands(compared, planned) -> None:
    stage = compared(planned()).train(learning).read()
    [section] = sections(stage)
    curves = section.figures[1]
    assert isinstance(curves, Curves)
    assert [line.name for line in curves.curves] == list(LEVELS)
    values = np.array([learning({"optimizer": "sgd"}, at) for at in range(5)])
    line = curves.curves[0]
    assert line.x == (1, 2, 3, 4)
    assert line.y == pytest.approx(values.mean(axis=0))
    low, high = stats.t.interval(0.95, 4, values.mean(axis=0), stats.sem(values))
    assert line.low == pytest.approx(low)
    assert line.high == pytest.approx(high)
    assert len(section.figures) == 2


def test_diverged_seeds_are_in_no_curve(compared, planned) -> None:
    def diverging(point: dict[str, Any], at: int) -> list[float]:
        return [0.5, math.nan] if at == 0 else learning(point, at)

    curves = sections(compared(planned()).train(diverging).read())[0].figures[1]
    assert isinstance(curves, Curves)
    values = np.array([learning({"optimizer": "sgd"}, at) for at in range(1, 5)])
    assert curves.curves[0].y == pytest.approx(values.mean(axis=0))
    assert all(math.isfinite(y) for line in curves.curves for y in line.y if y is not None)


def test_losses_of_training_and_validation(compared, planned) -> None:
    figures = sections(compared(planned(measure="loss")).train(learning).read())[0].figures
    assert [figure.title for figure in figures[2:]] == [
        f"optimizer: loss of optimizer {level}" for level in LEVELS
    ]
    pair = figures[2]
    assert isinstance(pair, Curves)
    values = np.array([learning({"optimizer": "sgd"}, at) for at in range(5)]).mean(axis=0)
    assert pair.curves[0].y == pytest.approx(1 - values)
    assert pair.curves[1].y == pytest.approx(1.5 - values)
    assert pair.curves[0].dashed


def test_one_run_has_one_line(compared, planned) -> None:
    given = planned(factor="epochs", levels=(2, 10))
    stage = compared(given).train(lambda p, at: [0.5 + e / 100 + at / 1000 for e in range(10)])
    bars, curves = sections(stage.read())[0].figures
    assert len(bars.bars) == 2
    assert [line.name for line in curves.curves] == ["every seed's run"]
    assert len(curves.curves[0].x) == 10


def test_times_with_published_figures_are_ratios(compared, planned) -> None:
    given = planned(
        factor="batch_size", levels=(32, 64), measure="seconds", published=((32, 40), (64, 30))
    )
    stage = compared(given).train(learning, seconds=lambda p, at: (1.0 + at / 10) / p["batch_size"])
    bars = sections(stage.read())[0].figures[0]
    assert isinstance(bars, Bars)
    assert [bar.value for bar in bars.bars] == pytest.approx([1, 0.5])
    assert [bar.mark for bar in bars.bars] == pytest.approx([1, 0.75])
    assert bars.from_zero


def test_nothing_measured_has_no_figures(compared, planned) -> None:
    assert not sections(compared(planned()).read())[0].figures
