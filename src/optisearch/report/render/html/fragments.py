"""Parts of a report as HTML within another page: the output of a notebook's cell.

Text and lines have the colour of the text around them: nothing says whether its paper is dark.
"""

from dataclasses import replace
from functools import cache

from jinja2 import Environment

from optisearch.reading import StageResults
from optisearch.report import format as fmt
from optisearch.report.render.html import templates, trusted
from optisearch.report.render.html.document import Grid, grid
from optisearch.report.table import Report, Section, Table


def table(stage: StageResults, title: str, told: Table) -> str:
    """A table below its title, with its notes.

    Args:
        stage: What it was computed from.
        title: What it is about.
        told: The table.
    """
    return _filled(title=fmt.text(title), table=_grid(stage, title, told))


def summary(report: Report) -> str:
    """A stage's answer with its evidence, the first table, and how much else there is."""
    first = next((section for section in report.sections if section.tables), None)
    tables = sum(len(section.tables) for section in report.sections)
    figures = sum(len(section.figures) for section in report.sections)
    there = {".tables": (tables, "table"), ".figures": (figures, "figure")}
    parts = [f"{fmt.amount(n, word)} in {name}" for name, (n, word) in there.items() if n]
    return _filled(
        report=report,
        title=fmt.text(first.title) if first else "",
        table=_grid(report.stage, first.title, first.tables[0]) if first else None,
        further=", ".join(parts),
    )


def _grid(stage: StageResults, title: str, told: Table) -> Grid:
    alone = replace(told, title="")
    return grid(stage, Section(title, (alone,)), alone)


def _filled(**values: object) -> str:
    template = _environment().get_template("fragment.html")
    return template.render(
        **({"report": None, "further": ""} | values), style=trusted("fragment.css")
    )


@cache
def _environment() -> Environment:
    return templates()
