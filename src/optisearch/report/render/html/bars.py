"""Values with intervals, from top to bottom: bars, or dots where zero has no meaning."""

from typing import Any

from optisearch.report.figure import Bar, Bars
from optisearch.report.render.html.axes import Scale, number, words
from optisearch.report.render.html.looks import colour_name
from optisearch.report.render.html.palette import light

Plot = dict[str, Any]

_ROW, _FRAME, _LEGEND = 34, 84, 28


def draw(figure: Bars) -> tuple[list[Plot], dict[str, Any]]:
    """Plotly's `data` and `layout`."""
    bars = figure.bars
    numbers = [n for bar in bars for n in (bar.value, bar.low, bar.high, bar.mark)]
    scale = Scale.of(figure.value, numbers, from_zero=figure.from_zero)
    valued = [
        (at, bar) for at, bar in enumerate(bars) if bar.value is not None and _drawable(scale, bar)
    ]
    trace: Plot = {
        "y": [at for at, _ in valued],
        "x": [number(bar.value or 0.0) for _, bar in valued],
        "name": "",
        "showlegend": False,
        "hoverinfo": "text",
        "hovertext": [_bar_text(figure, bar, scale) for _, bar in valued],
    }
    colours = [
        light("accent" if bar.role == "plain" else colour_name(bar.role)) for _, bar in valued
    ]
    if figure.from_zero:
        look = {"type": "bar", "orientation": "h", "width": 0.6, "marker": {"color": colours}}
    else:
        symbols = ["diamond" if bar.role == "baseline" else "circle" for _, bar in valued]
        dots = {"color": colours, "symbol": symbols, "size": 9}
        look = {"type": "scatter", "mode": "markers", "marker": dots}
    data = [*_intervals(figure, valued), trace | look, *_marks(figure, valued, scale)]
    named = any(each.get("showlegend") for each in data)
    rows = {
        "type": "linear",
        "range": [len(bars) - 0.45, -0.55],
        "tickvals": list(range(len(bars))),
        "ticktext": [words(bar.label) for bar in bars],
        "tickfont": {"color": light("ink")},
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "ticks": "",
    }
    height = _FRAME + _ROW * len(bars) + (_LEGEND if named else 0)
    layout = {"xaxis": scale.layout(), "yaxis": rows, "showlegend": named, "height": height}
    return data, layout


def _drawable(scale: Scale, bar: Bar) -> bool:
    return bar.value is not None and scale.place(bar.value) is not None


def _bar_text(figure: Bars, bar: Bar, scale: Scale) -> str:
    lines = [f"<b>{words(bar.label)}</b>", scale.told(bar.value)]
    if bar.low is not None and bar.high is not None:
        name = f"{words(figure.interval)} " if figure.interval else ""
        lines.append(f"{name}{words(scale.written(bar.low))} … {words(scale.written(bar.high))}")
    if bar.mark is not None:
        lines.append(f"{words(figure.mark)} {words(scale.written(bar.mark))}")
    if bar.note:
        lines.append(words(bar.note))
    return "<br>".join(lines)


def _intervals(figure: Bars, valued: list[tuple[int, Bar]]) -> list[Plot]:
    x: list[float | None] = []
    y: list[float | None] = []
    for at, bar in valued:
        if bar.low is not None and bar.high is not None:
            x += [number(bar.low), number(bar.high), None]
            y += [at, at, None]
    if not x:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": y,
            "name": words(figure.interval),
            "showlegend": bool(figure.interval),
            "line": {"color": light("scale-3"), "width": 4},
            "hoverinfo": "skip",
        }
    ]


def _marks(figure: Bars, valued: list[tuple[int, Bar]], scale: Scale) -> list[Plot]:
    marked = [(at, bar.mark) for at, bar in valued if bar.mark is not None]
    if not marked:
        return []
    look = {"color": light("series-1"), "width": 2.5}
    symbol = {"symbol": "line-ns-open", "size": 15, "color": light("series-1"), "line": look}
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [scale.place(mark) for _, mark in marked],
            "y": [at for at, _ in marked],
            "name": words(figure.mark),
            "showlegend": bool(figure.mark),
            "marker": symbol,
            "hoverinfo": "skip",
        }
    ]
