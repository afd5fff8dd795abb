"""Parallel coordinates as plain lines.

Plotly's own kind needs WebGL, which a page that is printed, or read over a remote desktop, may not
have; and it can't leave a line out where a factor was switched off.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from optisearch.report.figure import Parallel, Role
from optisearch.report.render.html.axes import Scale, number, words
from optisearch.report.render.html.looks import line, marker
from optisearch.report.render.html.palette import SCALE, light


def draw(figure: Parallel) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Plotly's `data` and `layout`."""
    scales = [Scale.of(each.axis, each.values) for each in figure.dimensions]
    plain: Role = "plain"
    roles = figure.roles or (plain,) * len(figure.trials)
    bundles: dict[tuple[Role, int], list[int]] = {}
    for at, role in enumerate(roles):
        if role in {"best", "baseline"}:
            bundles.setdefault((role, 0), []).append(at)
        else:
            bundles.setdefault(("plain", _shade(figure, scales, at)), []).append(at)
    order = sorted(bundles, key=lambda key: (("plain", "baseline", "best").index(key[0]), key[1]))
    ranks = [_ranks(each.values) for each in figure.dimensions]
    data = [_lines(figure, scales, ranks, key, bundles[key]) for key in order]
    axis = {"showgrid": False, "zeroline": False, "ticks": "", "showticklabels": False}
    across = {"range": [-0.35, len(scales) - 0.35], "automargin": True}
    layout = {
        "xaxis": axis | across,
        "yaxis": axis | {"range": [-0.06, 1.14]},
        "shapes": [_rail(index) for index in range(len(scales))],
        "annotations": [
            note for index, scale in enumerate(scales) for note in _notes(index, scale)
        ],
        "showlegend": any(role in {"best", "baseline"} for role in roles),
        "height": 420,
    }
    return data, layout


def _shade(figure: Parallel, scales: list[Scale], at: int) -> int:
    """Which shade the value of a trial has, from the worst to the best."""
    value = figure.dimensions[-1].values[at]
    share = None if value is None else scales[-1].share(value)
    if share is None:
        return 0
    good = 1 - share if scales[-1].axis.better == "lower" else share
    return min(len(SCALE) - 1, max(0, int(good * len(SCALE))))


def _lines(
    figure: Parallel,
    scales: list[Scale],
    ranks: list[list[int]],
    key: tuple[Role, int],
    members: list[int],
) -> dict[str, Any]:
    role, shade = key
    x: list[float | None] = []
    y: list[float | None] = []
    texts: list[str] = []
    last = figure.dimensions[-1].values
    for at in members:
        for index, (each, scale) in enumerate(zip(figure.dimensions, scales, strict=True)):
            value = each.values[at]
            x.append(index)
            y.append(None if value is None else _height(scale, value, ranks[index][at]))
            texts.append(
                f"trial {figure.trials[at]}<br>{scale.told(value)}<br>{scales[-1].told(last[at])}"
            )
        x.append(None)
        y.append(None)
        texts.append("")
    look = line(role)
    if role == "plain":
        look |= {"color": light(SCALE[shade]), "width": 1.3}
    dots = marker(role) | {"size": 4, "symbol": "circle", "color": look["color"]}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": role,
        "showlegend": role != "plain",
        "legendrank": 1 if role == "best" else 2,
        "x": x,
        "y": y,
        "line": look,
        "marker": dots | {"line": {"width": 0}},
        "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": texts,
    }


def _ranks(values: Sequence[float | str | None]) -> list[int]:
    """For each value, how many before it are the same."""
    seen: Counter[float | str | None] = Counter()
    ranks = []
    for value in values:
        ranks.append(seen[value])
        seen[value] += 1
    return ranks


def _height(scale: Scale, value: float | str, rank: int) -> float | None:
    if not scale.levels:
        return scale.share(value)
    # Nearer to their level than in a scatter plot: lines lead to it.
    exact = (scale.levels.index(str(value)) - scale.low) / (scale.high - scale.low)
    spread = scale.share(value, rank) or 0.0
    return round(exact + 0.4 * (spread - exact), 5)


def _rail(index: int) -> dict[str, Any]:
    return {
        "type": "line",
        "layer": "below",
        "x0": index,
        "x1": index,
        "y0": 0,
        "y1": 1,
        "line": {"color": light("rule"), "width": 1.5},
    }


def _notes(index: int, scale: Scale) -> list[dict[str, Any]]:
    """The name above an axis, and what is written along it."""
    name = f"<b>{words(scale.axis.label)}</b>"
    notes = [_note(index, 1.07, name, xanchor="center", colour="ink")]
    ticks = scale.layout()
    values = ticks.get("tickvals") or [_inside(scale, end) for end in (scale.low, scale.high)]
    texts = ticks.get("ticktext") or [words(scale.written(value)) for value in values]
    for value, text in zip(values, texts, strict=True):
        if scale.levels:
            share: float | None = (value - scale.low) / (scale.high - scale.low)
        else:
            share = scale.share(value)
        if share is not None:
            notes.append(_note(index + 0.04, round(share, 4), text, xanchor="left"))
    return notes


def _inside(scale: Scale, end: float) -> float:
    """An end without the axis's margin: the outermost value itself."""
    middle = (scale.low + scale.high) / 2
    return number(round(middle + (end - middle) / 1.1, 12))


def _note(x: float, y: float, text: str, *, xanchor: str, colour: str = "muted") -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": text,
        "xanchor": xanchor,
        "yanchor": "middle",
        "showarrow": False,
        "font": {"color": light(colour), "size": 12 if colour == "ink" else 11},
        "bgcolor": light("paper"),  # lines don't cross it
    }
