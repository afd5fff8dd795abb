"""The figures of a report as Plotly's."""

from typing import TYPE_CHECKING, Any

from optisearch.api.named import Named
from optisearch.publishing.figures import framed
from optisearch.report import Figure, Report
from optisearch.report.render.html.plot import draw

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LEGEND_PIXELS = 40


class Figures(Named[Figure, Any]):
    """The figures of a stage's report by their titles, each a `plotly.graph_objects.Figure`."""

    def __init__(self, report: Report) -> None:
        entries = ((each.title, each) for part in report.sections for each in part.figures)
        super().__init__("figure", report.stage.info.name, entries, _made)


def _made(_title: str, figure: Figure) -> "go.Figure":
    """A figure with its title and notes in it, on light paper, as optuna-dashboard has it."""
    import plotly.graph_objects as go

    plot = draw(figure)
    layout = framed(plot["layout"], figure)
    words = layout["margin"]["t"] + _LEGEND_PIXELS
    return go.Figure(
        data=plot["data"], layout=layout | {"height": plot["layout"]["height"] + words}
    )
