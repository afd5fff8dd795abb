"""One figure of every kind, with all that a kind can hold."""

import pytest

from optisearch.reading import StageResults
from optisearch.report import Figure, Report, Section
from optisearch.report.figure import (
    Axis,
    Bar,
    Bars,
    Curve,
    Curves,
    Dimension,
    Parallel,
    Points,
    Scatter,
)

ACCURACY = Axis("val_accuracy", "metric", better="higher", span=(0.9, 1.0))


@pytest.fixture
def every_figure() -> tuple[Figure, ...]:
    band = Curve("adam", (1, 2, 4), (0.5, 0.7, 0.8), (0.4, None, 0.7), (0.6, None, 0.9))
    alone = Curve("sgd", (1, 2), (None, 0.4), role="baseline", dashed=True)
    best = Curve("", (1, 3), (0.2, 0.3), role="best", steps=True)
    points = Points("pruned", (1, 2), (0.95, 0.1), (3, 4), role="pruned")
    none = Points("diverged", (3.0,), (None,), (5,), ("reached 1e9",), role="diverged")
    many = tuple(Curve(f"curve {number}", (0, 1), (0, number)) for number in range(9))
    return (
        Curves(
            title="Curves",
            summary="Two optimizers.",
            notes=("A note.",),
            x=Axis("epoch", "count"),
            y=ACCURACY,
            curves=(band, alone, best),
            points=(points, none),
        ),
        Curves(title="Many", summary="Nine.", x=Axis("t", "seconds"), y=Axis("y"), curves=many),
        Bars(
            title="Dots",
            summary="Two levels.",
            value=ACCURACY,
            bars=(
                Bar("adam", 0.95, 0.94, 0.96, 0.98, trials=(1, 2), note="n = 2"),
                Bar("sgd", 0.92, role="baseline", trials=(3,)),
                Bar("failed", None),
            ),
            interval="95 % interval",
            mark="published",
        ),
        Bars(
            title="Lengths",
            summary="Seconds.",
            value=Axis("time", "seconds"),
            bars=(Bar("adam", 2.0, 1.5, 2.5),),
            from_zero=True,
        ),
        Scatter(
            title="Rates",
            summary="Three trials.",
            small=True,
            x=Axis("learning_rate", log=True),
            y=Axis("val_loss", "metric", log=True, better="lower"),
            groups=(Points("completed", (1e-3, 0.1, 0.0), (0.5, 0.4, 0.3), (0, 1, 2)), none),
        ),
        Scatter(
            title="Levels",
            summary="Three trials.",
            small=True,
            x=Axis("optimizer", levels=("sgd", "adam")),
            y=ACCURACY,
            groups=(Points("completed", ("adam", "adam", "lion"), (0.95, 0.96, 0.2), (0, 1, 2)),),
        ),
        Parallel(
            title="Lines",
            summary="Three trials.",
            dimensions=(
                Dimension(Axis("optimizer", levels=("sgd", "adam")), ("adam", "sgd", "adam")),
                Dimension(Axis("penalty", log=True), (1e-6, None, 1e-3)),
                Dimension(ACCURACY, (0.98, 0.95, 0.5)),
            ),
            trials=(7, 8, 9),
            roles=("best", "baseline", "plain"),
        ),
    )


@pytest.fixture
def drawn_report(every_figure: tuple[Figure, ...], stage: StageResults) -> Report:
    section = Section("Figures", notes=("All kinds.",), figures=every_figure)
    return Report("Every figure", ("about",), "The answer.", ("Evidence.",), (section,), stage)
