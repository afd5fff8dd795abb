"""A report as GitHub-flavoured Markdown."""

import re
from collections.abc import Iterator

from optisearch.report import format as fmt
from optisearch.report.table import Report, Table

_SPECIAL = re.compile(r"([\\`*\[\]|~])")


def render(report: Report) -> str:
    """The report as a Markdown document."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_escape(report.title)}"
    yield ""
    yield "  \n".join(_escape(line) for line in report.about)
    yield ""
    yield f"**{_escape(report.answer)}**"
    yield ""
    for sentence in report.evidence:
        yield f"- {_escape(sentence)}"
    yield from _sections(report, level=2)
    for part in report.parts:
        yield f"\n## {_escape(part.title)}"
        yield f"\n{_escape(part.about[0])}"
        yield f"\n**{_escape(part.answer)}**"
        yield ""
        for sentence in part.evidence:
            yield f"- {_escape(sentence)}"
        yield from _sections(part, level=3)
    yield ""


def _sections(report: Report, *, level: int) -> Iterator[str]:
    for section in report.sections:
        yield f"\n{'#' * level} {_escape(section.title)}"
        for table in section.tables:
            if table.title:
                yield f"\n{'#' * (level + 1)} {_escape(table.title)}"
            yield ""
            yield from _table(table)
            for note in table.notes:
                yield f"\n{_escape(note)}"
        for note in section.notes:
            yield f"\n{_escape(note)}"


def _table(table: Table) -> Iterator[str]:
    yield _row([column.name for column in table.columns])
    left = {"text", "setting"}
    yield _row(["---" if column.kind in left else "---:" for column in table.columns])
    for row in table.rows:
        yield _row(
            [fmt.cell(value, column.kind) for column, value in zip(table.columns, row, strict=True)]
        )


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(_escape(cell) for cell in cells)} |"


def _escape(text: str) -> str:
    plain = fmt.text(text).replace("&", "&amp;").replace("<", "&lt;")
    return _SPECIAL.sub(r"\\\1", plain)
