"""A report as GitHub-flavoured Markdown."""

import re
from collections.abc import Callable, Iterator, Sequence

from optisearch.report import format as fmt
from optisearch.report.table import Report, Section, Table

# Trial numbers → the address where these trials are seen.
Link = Callable[[Sequence[int]], str]

# An underscore within a word is none of Markdown's, and is in most names.
_SPECIAL = re.compile(r"[\\`*\[\]|~]|(?<!\w)_|_(?!\w)")
# What makes of a line something else than a sentence.
_OPENING = re.compile(r"^((?:\d+(?=[.)](?:\s|$)))?)([#>+=.)-])")
_MENTION = re.compile(r"\b([Tt]rial) (\d+)\b")
# Of more trials than these an address would be too long.
_MOST_LINKED = 20


def render(report: Report) -> str:
    """The report as a Markdown document."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"# {sentence(report.title)}"
    yield ""
    yield "  \n".join(sentence(line) for line in report.about)
    yield ""
    yield f"**{sentence(report.answer)}**"
    yield ""
    for said in report.evidence:
        yield f"- {sentence(said)}"
    yield from sections(report.sections, level=2)
    for part in report.parts:
        yield f"\n## {sentence(part.title)}"
        yield f"\n{sentence(part.about[0])}"
        yield f"\n**{sentence(part.answer)}**"
        yield ""
        for said in part.evidence:
            yield f"- {sentence(said)}"
        yield from sections(part.sections, level=3)
    yield ""


def sections(
    told: Sequence[Section], *, level: int, link: Link | None = None, padding: str = ""
) -> Iterator[str]:
    """Sections with their tables, line by line.

    Args:
        told: The sections.
        level: Of their headings.
        link: Where trials are seen: those that are mentioned become links, and a row of a table
            one to its trials.
        padding: Stands at the end of each cell of a table, where whoever shows it sets none.
    """
    for section in told:
        yield f"\n{'#' * level} {sentence(section.title)}"
        for table in section.tables:
            if table.title:
                yield f"\n{'#' * (level + 1)} {sentence(table.title)}"
            yield ""
            yield from _table(table, link, padding)
            for note in table.notes:
                yield f"\n{sentence(note, link)}"
        for note in section.notes:
            yield f"\n{sentence(note, link)}"


def sentence(text: str, link: Link | None = None) -> str:
    """Text on a line of its own, of which nothing is taken for markup.

    Args:
        text: The text.
        link: Where trials are seen: each `trial 7` becomes a link.
    """
    return _OPENING.sub(r"\1\\\2", _escape(text, link))


def _table(table: Table, link: Link | None, padding: str) -> Iterator[str]:
    yield _row([_escape(column.name, link) + padding for column in table.columns])
    left = {"text", "setting"}
    yield _row(["---" if column.kind in left else "---:" for column in table.columns])
    apart = len(table.rows) == 1 or len(set(table.trials)) > 1  # rows about different trials
    behind = table.trials if apart and table.trials else ((),) * len(table.rows)
    for row, trials in zip(table.rows, behind, strict=True):
        cells: list[str] = []
        for column, value in zip(table.columns, row, strict=True):
            shown = [value] if column.name.endswith("trial") and isinstance(value, int) else []
            if not cells:  # the first one says what the row is about
                shown = shown or list(trials)
            cells.append(_linked(_escape(fmt.cell(value, column.kind)), shown, link) + padding)
        yield _row(cells)


def _linked(text: str, trials: Sequence[int], link: Link | None) -> str:
    if link is None or not text or not 0 < len(trials) <= _MOST_LINKED:
        return text
    return f"[{text}]({link(trials)})"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape(text: str, link: Link | None = None) -> str:
    plain = fmt.text(text).replace("&", "&amp;").replace("<", "&lt;")
    escaped = _SPECIAL.sub(r"\\\g<0>", plain)
    if link is None:
        return escaped
    return _MENTION.sub(lambda found: f"[{found[0]}]({link([int(found[2])])})", escaped)
