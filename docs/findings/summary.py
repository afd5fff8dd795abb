"""The tables on top: what a document says, what was measured, and what that says about it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from docs.findings.answer import Answer
from docs.findings.claims import Part
from docs.findings.shelf import Shelf
from optisearch.report import format as fmt

_JUDGED = ("holds", "contradicted", "undecided")
_RUNS = 10

Rows = tuple[tuple[str, Answer], ...]


def summary(parts: Sequence[Part], shelf: Shelf) -> Iterator[str]:
    """The tables as lines of Markdown, the count of all judgements before them."""
    answered = [(part, rows(part, shelf)) for part in parts]
    yield "## What holds"
    yield ""
    yield from _count(answered)
    for part, found in answered:
        yield ""
        yield f"### {part.title}"
        yield ""
        if part.note:
            yield text(part.note)
            yield ""
        yield from _table(found)


def rows(part: Part, shelf: Shelf) -> Rows:
    """Each row of a part with its answer."""
    return tuple(pair for row in part.rows for pair in row.rows(shelf))


def _count(answered: Sequence[tuple[Part, Rows]]) -> Iterator[str]:
    yield "| | hold | contradicted | undecided | only shown | not measured |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for part, found in answered:
        counts = Counter(answer.judgement for _, answer in found)
        cells = [str(counts[word]) for word in (*_JUDGED, "shown", "not measured")]
        yield f"| {text(part.title)} | {' | '.join(cells)} |"


def _table(found: Rows) -> Iterator[str]:
    yield "| what it says | what was measured | verdict | trials |"
    yield "| --- | --- | --- | --- |"
    for says, answer in found:
        yield f"| {text(says)} | {text(answer.measured)} | {_verdict(answer)} | {_trials(answer)} |"


def _verdict(answer: Answer) -> str:
    word = f"**{answer.judgement}**" if answer.judgement in _JUDGED else answer.judgement
    return f"{word}: {text(answer.reason)}" if answer.reason else word


def _trials(answer: Answer) -> str:
    if not answer.trials:
        return ""
    return f"{text(answer.stage)} {fmt.numbers(answer.trials, _RUNS)}"


def text(words: str) -> str:
    """Words as a cell of a Markdown table."""
    plain = fmt.text(words).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{letter}" if letter in "\\`*_[]|~" else letter for letter in plain)
