"""A figure as Plotly draws it: plain dictionaries, for importing `plotly` takes long.

Colours are those on light paper; the page puts others in their place on dark paper.
"""

from collections.abc import Callable, Sequence
from typing import Any

from optisearch.report.figure import (
    Bars,
    Curve,
    Curves,
    Figure,
    Parallel,
    Points,
    Scatter,
)
from optisearch.report.render.html import bars, parallel
from optisearch.report.render.html.axes import Scale, number, words
from optisearch.report.render.html.looks import colour_name, line, marker
from optisearch.report.render.html.palette import band, light

Plot = dict[str, Any]

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"
_CLEAR = "rgba(0,0,0,0)"
_TALL, _SHORT = 380, 270


def draw(figure: Figure) -> Plot:
    """A figure's `data` and `layout`, as `plotly.graph_objects.Figure` takes them.

    Raises:
        TypeError: It is of a kind that nothing here can draw.
    """
    for kind, function in _KINDS.items():
        if isinstance(figure, kind):
            data, layout = function(figure)
            return {"data": data, "layout": _frame(figure) | layout}
    raise TypeError(type(figure).__name__)


def _frame(figure: Figure) -> dict[str, Any]:
    return {
        "height": _SHORT if figure.small else _TALL,
        "margin": {"l": 12, "r": 16, "t": 12, "b": 12, "pad": 0},
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "font": {"family": _FONT, "size": 12 if figure.small else 13, "color": light("muted")},
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": light("panel"),
            "bordercolor": light("rule"),
            "font": {"color": light("ink"), "family": _FONT},
            "align": "left",
        },
        "showlegend": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"color": light("ink")},
            "bgcolor": _CLEAR,
            "itemclick": "toggle",
        },
    }


def _curves(figure: Curves) -> tuple[list[Plot], dict[str, Any]]:
    ends = [at for curve in figure.curves for at in (*curve.x[:1], *curve.x[-1:])]
    places = [at for group in figure.points for at in group.x]
    x = Scale.of(figure.x, [*ends, *places], margin=0.02)
    values = [v for curve in figure.curves for v in (*curve.y, *curve.low, *curve.high)]
    y = Scale.of(figure.y, [*values, *(v for group in figure.points for v in group.y)])
    data = [trace for group in reversed(figure.points) for trace in _points(group, 0, x, y)]
    plain = [curve for curve in figure.curves if curve.role == "plain"]
    for curve in reversed(figure.curves):
        index = plain.index(curve) if curve in plain else 0
        data += _bands(curve, index)
        data.append(_curve(curve, index, x, y))
    for place, trace in enumerate(reversed(data)):
        trace["legendrank"] = place + 1
    named = any(trace.get("showlegend", True) for trace in data)
    return data, {"xaxis": x.layout(grid=False), "yaxis": y.layout(), "showlegend": named}


def _curve(curve: Curve, index: int, x: Scale, y: Scale) -> Plot:
    name = f"{words(curve.name)}<br>" if curve.name else ""
    bands: list[str] = [""] * len(curve.x)
    if curve.low and curve.high:
        bands = [
            f"<br>{words(y.written(low))} … {words(y.written(high))}"
            for low, high in zip(curve.low, curve.high, strict=True)
        ]
    texts = [
        f"{name}{x.told(at)}<br>{y.told(value)}{around}"
        for at, value, around in zip(curve.x, curve.y, bands, strict=True)
    ]
    alone = len([value for value in curve.y if value is not None]) == 1
    return {
        "type": "scatter",
        "mode": "lines+markers" if alone else "lines",
        "name": words(curve.name),
        "showlegend": bool(curve.name),
        "x": [number(at) for at in curve.x],
        "y": [None if value is None else number(value) for value in curve.y],
        "line": line(curve.role, index, dashed=curve.dashed, steps=curve.steps),
        "legendgroup": f"{index}{words(curve.name)}",
        "hoverinfo": "text",
        "hovertext": texts,
    }


def _bands(curve: Curve, index: int) -> list[Plot]:
    """A curve's band: one closed shape for each part that isn't interrupted."""
    if not curve.low or not curve.high:
        return []
    outline_x: list[float | None] = []
    outline_y: list[float | None] = []
    for part in _unbroken(curve):
        if outline_x:
            outline_x.append(None)
            outline_y.append(None)
        outline_x += [number(at) for at, _, _ in part] + [number(at) for at, _, _ in part[::-1]]
        outline_y += [number(low) for _, low, _ in part]
        outline_y += [number(high) for _, _, high in part[::-1]]
    shape = "hv" if curve.steps else "linear"
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": outline_x,
            "y": outline_y,
            "fill": "toself",
            "fillcolor": band(colour_name(curve.role, index)),
            "line": {"width": 0, "shape": shape},
            "legendgroup": f"{index}{words(curve.name)}",
            "showlegend": False,
            "hoverinfo": "skip",
        }
    ]


def _unbroken(curve: Curve) -> list[list[tuple[float, float, float]]]:
    parts: list[list[tuple[float, float, float]]] = [[]]
    for at, low, high in zip(curve.x, curve.low, curve.high, strict=True):
        if low is None or high is None:
            parts.append([])
        else:
            parts[-1].append((at, low, high))
    return [part for part in parts if part]


def _points(group: Points, index: int, x: Scale, y: Scale) -> list[Plot]:
    """A group's points, and below them those that lie beyond the axis, as arrows at its edge."""
    labels: Sequence[str] = group.labels or ("",) * len(group.x)
    inside: list[tuple[float, float | None, str]] = []
    beyond: list[tuple[float, float | None, str]] = []
    for rank, (at, value, trial, label) in enumerate(
        zip(group.x, group.y, group.trials, labels, strict=True)
    ):
        place = x.place(at, rank)
        height = y.worse_end if value is None else y.place(value)
        if place is None or height is None:
            continue
        told = [f"trial {trial}", x.told(at), y.told(value)]
        # The trial's own axis says its number already.
        told = told[1:] if x.axis.label == "trial" else told
        text = "<br>".join([words(group.name), *told, *([words(label)] if label else [])])
        outside = value is not None and y.beyond(value)
        (beyond if outside else inside).append((place, height, text))
    arrow = "triangle-up-open" if y.axis.better == "lower" else "triangle-down-open"
    look = marker(group.role, index)
    drawn = [_markers(group, beyond, look | {"symbol": arrow, "size": 8})] if beyond else []
    # The legend shows the last one's look, even if there is no point.
    return [*(each | {"showlegend": False} for each in drawn), _markers(group, inside, look)]


def _markers(
    group: Points, points: Sequence[tuple[float, float | None, str]], look: dict[str, Any]
) -> Plot:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": words(group.name),
        "legendgroup": f"points {words(group.name)}",
        # An empty trace would have no place in the legend.
        "x": [place for place, _, _ in points] or [None],
        "y": [height for _, height, _ in points] or [None],
        "marker": look,
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [text for _, _, text in points] or [""],
    }


def _scatter(figure: Scatter) -> tuple[list[Plot], dict[str, Any]]:
    x = Scale.of(figure.x, [at for group in figure.groups for at in group.x])
    y = Scale.of(figure.y, [value for group in figure.groups for value in group.y])
    plain = [group for group in figure.groups if group.role == "plain"]
    data = [
        trace
        for group in reversed(figure.groups)
        for trace in _points(group, plain.index(group) if group in plain else 0, x, y)
    ]
    for place, trace in enumerate(reversed(data)):
        trace["legendrank"] = place + 1
    # Small ones stand in a row with one legend for all.
    legend = not figure.small and len(data) > 1
    return data, {"xaxis": x.layout(grid=False), "yaxis": y.layout(), "showlegend": legend}


_KINDS: dict[type[Figure], Callable[[Any], tuple[list[Plot], dict[str, Any]]]] = {
    Curves: _curves,
    Bars: bars.draw,
    Scatter: _scatter,
    Parallel: parallel.draw,
}
