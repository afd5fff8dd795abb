"""A report in the terminal. On a pipe: the same, without colours and control codes."""

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from optisearch.report import format as fmt
from optisearch.report.render.grid import grids
from optisearch.report.table import Report, Section

# Longer lines are hard to read, and columns too far apart to compare.
_WIDEST = 100


def render(report: Report, console: Console) -> None:
    """Print a report.

    Args:
        report: The report.
        console: Where to. Its width is kept to, and no number is ever cut.
    """
    _print(console, Text(fmt.text(report.title), style="bold"))
    for line in report.about:
        _print(console, Text(line, style="dim"))
    console.print()
    _print(console, Text(report.answer, style="bold"))
    for sentence in report.evidence:
        _print(console, Text(sentence))
    for section in report.sections:
        render_section(section, console)
    for part in report.parts:
        console.print()
        console.print(Rule(Text(fmt.text(part.title), style="bold"), characters="═", style="dim"))
        _print(console, Text(part.about[0], style="dim"))
        for sentence in (part.answer, *part.evidence):
            _print(console, Text(sentence))
        for section in part.sections:
            render_section(section, console)


def render_section(section: Section, console: Console) -> None:
    """Print a section."""
    width = _width(console)
    console.print()
    console.print(Rule(Text(section.title, style="bold"), align="left", style="dim"), width=width)
    for table, drawn in zip(section.tables, grids(section.tables, width), strict=True):
        if table.title:
            console.print()
            _print(console, Text(table.title, style="bold"))
        for grid in drawn:
            console.print()
            console.print(grid, width=width, highlight=False)
        _notes(table.notes, console)
    _notes(section.notes, console)


def _width(console: Console) -> int:
    return min(console.width, _WIDEST)


def _notes(notes: tuple[str, ...], console: Console) -> None:
    if notes:
        console.print()
    for note in notes:
        _print(console, Text(note, style="dim"))


def _print(console: Console, text: Text) -> None:
    console.print(text, width=_width(console), highlight=False)
