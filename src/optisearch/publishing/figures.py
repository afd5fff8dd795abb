"""A few of a report's figures, as optuna-dashboard shows them: small, and each by itself.

It shows them in any order, 450 pixels high, without the page around them: so each has its title and
its notes in it. In its dark mode too they have light paper, with the colours that go with that.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

from optisearch.report import Report
from optisearch.report import format as fmt
from optisearch.report.figure import Bars, Curve, Curves, Figure
from optisearch.report.figures import isolation, learning, losses, pareto
from optisearch.report.render.html.axes import words
from optisearch.report.render.html.palette import light
from optisearch.report.render.html.plot import draw

# All of ours begin with it: those of other people are let be.
PREFIX = "optisearch-"
# Together with the note they travel to each open page every few seconds.
_MOST_BARS, _MOST_CURVES, _MOST_LOSSES = 6, 3, 2
_MOST_POINTS = 100
_MOST_EPOCHS = 60
_LINE = 92
_LINE_PIXELS, _TITLE_PIXELS = 17, 54

Named = tuple[str, Figure]


def draw_all(report: Report, ended: int) -> dict[str, str]:
    """The figures of a report, as Plotly's JSON by their ids; these never mean anything else.

    Args:
        report: Of one stage.
        ended: From how many trials that have ended. It is in each, as `layout.meta.trials`.
    """
    chosen = _CHOSEN.get(report.stage.info.stage, _searched)
    meta = {"stage": report.stage.info.name, "trials": ended}
    return {f"{PREFIX}{name}": _json(figure, meta) for name, figure in chosen(report)}


def _searched(report: Report) -> Iterator[Named]:
    stage = report.stage
    yield from _numbered("learning", learning.figures(stage), 1)
    yield from _numbered("losses", losses.figures(stage), _MOST_LOSSES)
    yield from _numbered("front", pareto.of_objectives(stage, most=_MOST_POINTS), 1)
    yield from _numbered("time", pareto.figures(stage, most=_MOST_POINTS), 1)
    yield from _numbered("bars", isolation.figures(stage), _MOST_BARS)


def _compared(report: Report) -> Iterator[Named]:
    shown = [figure for section in report.sections for figure in section.figures]
    bars = [figure for figure in shown if isinstance(figure, Bars)]
    curves = [figure for figure in shown if isinstance(figure, Curves)]
    yield from _numbered("bars", bars, _MOST_BARS)
    yield from _numbered("learning", [each for each in curves if not each.small], _MOST_CURVES)
    yield from _numbered("losses", [each for each in curves if each.small], _MOST_LOSSES)
    yield from _numbered("time", pareto.figures(report.stage, most=_MOST_POINTS), 1)


_CHOSEN: dict[str, Callable[[Report], Iterator[Named]]] = {"compare": _compared}


def _numbered(name: str, figures: Sequence[Figure], most: int) -> Iterator[Named]:
    for number, figure in enumerate(figures[:most], 1):
        yield (name if most == 1 else f"{name}-{number}"), figure


def _json(figure: Figure, meta: Mapping[str, Any]) -> str:
    plot = draw(_thinned(figure))
    for trace in plot["data"]:
        if trace.get("mode") == "lines" and trace.get("hoverinfo") == "text":
            # Plotly itself says the same of a line's points, in a tenth of the room.
            del trace["hovertext"]
            trace["hoverinfo"] = "x+y+name"
    plot["layout"] = framed(plot["layout"], figure) | {"meta": meta}
    return json.dumps(plot, allow_nan=False, separators=(",", ":"))


def framed(layout: dict[str, Any], figure: Figure) -> dict[str, Any]:
    """A layout that fills the place it is given, on light paper, with the words above it."""
    told = wrap(" ".join(fmt.text(note) for note in figure.notes), _LINE)
    small = "<br>".join(f'<span style="font-size:12px">{words(line)}</span>' for line in told)
    top = _TITLE_PIXELS + _LINE_PIXELS * len(told)
    kept = {key: value for key, value in layout.items() if key not in {"height", "width"}}
    return kept | {
        "autosize": True,
        "paper_bgcolor": light("paper"),
        "plot_bgcolor": light("paper"),
        "margin": {"l": 16, "r": 20, "t": top, "b": 16},
        "title": {
            "text": f"<b>{words(figure.title)}</b>" + (f"<br>{small}" if small else ""),
            "x": 0.02,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": _LINE_PIXELS},
            "font": {"size": 16, "color": light("ink")},
        },
        "legend": layout["legend"] | {"y": -0.16, "yanchor": "top"},
    }


def _thinned(figure: Figure) -> Figure:
    if not isinstance(figure, Curves):
        return figure
    return replace(figure, curves=tuple(map(_fewer, figure.curves)))


def _fewer(curve: Curve) -> Curve:
    """As many of a curve's points as can be seen, its first and its last among them."""
    last = len(curve.x) - 1
    if curve.steps or last < _MOST_EPOCHS:
        return curve
    places = [round(last * at / (_MOST_EPOCHS - 1)) for at in range(_MOST_EPOCHS)]

    def kept(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(values[place] for place in places) if values else ()

    return replace(
        curve, x=kept(curve.x), y=kept(curve.y), low=kept(curve.low), high=kept(curve.high)
    )
