"""What Plotly is given."""

import json
from dataclasses import replace
from typing import Any

import pytest

from optisearch.reading import StageResults
from optisearch.report import Figure, report
from optisearch.report.figure import Axis, Bar, Bars, Curves, Scatter
from optisearch.report.render.html.axes import Scale
from optisearch.report.render.html.palette import COLOURS, translation
from optisearch.report.render.html.plot import draw


def traces(plot: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [trace for trace in plot["data"] if trace.get("name") == name]


def colours(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(colours, value.values()))
    if isinstance(value, list):
        return set().union(*map(colours, value))
    return {value} if isinstance(value, str) and value.startswith(("#", "rgba")) else set()


def test_plotly_takes_every_figure(
    every_figure: tuple[Figure, ...], searched: StageResults
) -> None:
    from plotly.graph_objects import Figure as Checked

    told = [figure for section in report(searched).sections for figure in section.figures]
    for figure in (*every_figure, *told):
        plot = draw(figure)
        Checked(plot)  # raises for what it doesn't know
        json.dumps(plot, allow_nan=False)


def test_every_colour_has_one_on_dark_paper(every_figure: tuple[Figure, ...]) -> None:
    assert len({colour.light for colour in COLOURS.values()}) == len(COLOURS)
    used = set().union(*(colours(draw(figure)) for figure in every_figure))
    assert len(used) > 8
    assert used <= {*translation(), "rgba(0,0,0,0)"}


def test_a_kind_that_can_t_be_drawn_is_an_error() -> None:
    with pytest.raises(TypeError, match="Figure"):
        draw(Figure(title="", summary=""))


def test_curves_and_their_bands(every_figure: tuple[Figure, ...]) -> None:
    plot = draw(every_figure[0])
    [line] = traces(plot, "adam")
    assert line["y"] == [0.5, 0.7, 0.8]
    assert line["hovertext"][0] == "adam<br>epoch 1<br>val_accuracy 0.5000<br>0.4000 … 0.6000"
    [band] = [trace for trace in plot["data"] if trace.get("fill")]
    # Interrupted where it has no ends.
    assert band["x"] == [1, 1, None, 4, 4]
    assert band["y"] == [0.4, 0.6, None, 0.7, 0.9]


def test_a_point_beyond_the_axis_is_an_arrow_at_its_edge(every_figure: tuple[Figure, ...]) -> None:
    plot = draw(every_figure[0])
    low = plot["layout"]["yaxis"]["range"][0]
    beyond, inside = traces(plot, "pruned")
    assert inside["y"] == [0.95]
    assert beyond["y"] == [low]
    assert beyond["marker"]["symbol"] == "triangle-down-open"
    assert not beyond["showlegend"]
    assert "val_accuracy 0.1000" in beyond["hovertext"][0]
    [diverged] = traces(plot, "diverged")
    assert diverged["y"] == [low]
    assert "reached 1e9" in diverged["hovertext"][0]


def test_dots_intervals_and_marks(every_figure: tuple[Figure, ...]) -> None:
    plot = draw(every_figure[2])
    [interval] = traces(plot, "95 % interval")
    assert interval["x"] == [0.94, 0.96, None]
    [mark] = traces(plot, "published")
    assert (mark["x"], mark["y"]) == ([0.98], [0])
    assert plot["layout"]["yaxis"]["ticktext"] == ["adam", "sgd", "failed"]
    [dots] = traces(plot, "")
    assert dots["x"] == [0.95, 0.92]


def test_bars_begin_at_zero(every_figure: tuple[Figure, ...]) -> None:
    layout = draw(every_figure[3])["layout"]
    low, high = layout["xaxis"]["range"]
    assert low == 0
    assert high > 2.5


def test_a_logarithmic_axis_leaves_out_zero(every_figure: tuple[Figure, ...]) -> None:
    plot = draw(every_figure[4])
    [points] = traces(plot, "completed")
    assert points["x"] == [0.001, 0.1]
    assert plot["layout"]["xaxis"]["ticktext"] == ["0.001", "0.01", "0.1", "1"]
    # Lower is better: what diverged is marked at the top.
    [diverged] = traces(plot, "diverged")
    assert diverged["y"][0] == pytest.approx(10 ** plot["layout"]["yaxis"]["range"][1])


def test_long_levels_leave_room_and_are_told_whole(every_figure: tuple[Figure, ...]) -> None:
    figure, long = every_figure[5], "-Infinity" * 5
    assert isinstance(figure, Scatter)
    moved = replace(figure.groups[-1], x=(long,) * len(figure.groups[-1].x))
    plot = draw(replace(figure, groups=(*figure.groups[:-1], moved)))
    assert plot["layout"]["xaxis"]["ticktext"][-1] == "-Infinity-Infinity-Infi…"
    assert any(long in text for trace in plot["data"] for text in trace["hovertext"])


def test_levels_that_weren_t_foreseen_come_last(every_figure: tuple[Figure, ...]) -> None:
    plot = draw(every_figure[5])
    assert plot["layout"]["xaxis"]["ticktext"] == ["sgd", "adam", "lion"]
    _, points = traces(plot, "completed")
    first, second = points["x"]
    assert round(first) == round(second) == 1
    assert first != second


def test_a_line_is_interrupted_where_a_factor_was_off(every_figure: tuple[Figure, ...]) -> None:
    [baseline] = traces(draw(every_figure[6]), "baseline")
    assert baseline["x"] == [0, 1, 2, None]
    assert [value is None for value in baseline["y"]] == [False, True, False, True]


@pytest.mark.parametrize("values", [[], [1.0], [0.0], [2.0, 2.0], [-1.0, None]])
def test_an_axis_has_a_length(values: list[float | None]) -> None:
    for axis in (Axis("x"), Axis("x", log=True), Axis("x", span=(1.0, 1.0))):
        scale = Scale.of(axis, values)
        assert scale.low < scale.high


def test_words_are_no_markup() -> None:
    name = "<b>x</b><script>"
    figure = Bars(title=name, summary=name, value=Axis(name), bars=(Bar(name, 1.0, note=name),))
    text = json.dumps(draw(figure))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_equals_differ(every_figure: tuple[Figure, ...]) -> None:
    assert isinstance(every_figure[1], Curves)
    looks = [(t["line"]["color"], t["line"]["dash"]) for t in draw(every_figure[1])["data"]]
    assert len(set(looks)) == 9
