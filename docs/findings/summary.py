"""The tables on top: what a document says, what was measured, and what that says about it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from docs.findings.answer import Answer, Judgement, Row
from docs.findings.claims import Part
from docs.findings.shelf import Shelf
from optisearch.report import format as fmt

_JUDGED: tuple[Judgement, ...] = ("holds", "contradicted", "undecided")
_RUNS = 10

_EVERY: tuple[Judgement, ...] = (*_JUDGED, "shown", "not measured")

Rows = tuple[Row, ...]
_KINDS = {"figure": "published figure", "order": "order", "claim": "claim"}


def summary(parts: Sequence[Part], shelf: Shelf) -> Iterator[str]:
    """The tables as lines of Markdown, the count of all judgements before them."""
    answered = [(part, rows(part, shelf)) for part in parts]
    yield "## What holds"
    yield ""
    yield text(" ".join(_told(answered)))
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
    return tuple(row for asked in part.rows for row in asked.rows(shelf))


def _told(answered: Sequence[tuple[Part, Rows]]) -> Iterator[str]:
    """A sentence for the figures, one for the orders, one for the other claims."""
    every = [row for _, found in answered for row in found]
    for kind, word in _KINDS.items():
        counts = Counter(row.answer.judgement for row in every if row.kind == kind)
        judged = sum(counts[verdict] for verdict in _JUDGED)
        parts = [
            f"{counts[verdict]} {_word(verdict, counts[verdict])}"
            for verdict in _JUDGED
            if counts[verdict]
        ]
        if judged:
            yield f"Of {fmt.amount(judged, word)} that could be judged: {fmt.listing(parts)}."


def _word(verdict: str, count: int) -> str:
    return "hold" if verdict == "holds" and count > 1 else verdict


def _count(answered: Sequence[tuple[Part, Rows]]) -> Iterator[str]:
    yield "| | hold | contradicted | undecided | only shown | not measured |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for part, found in answered:
        counts = Counter(answer.judgement for _, answer, _ in found)
        cells = [str(counts[word]) for word in _EVERY]
        yield f"| {text(part.title)} | {' | '.join(cells)} |"


def _table(found: Rows) -> Iterator[str]:
    yield "| what it says | what was measured | verdict | trials |"
    yield "| --- | --- | --- | --- |"
    for says, answer, _ in found:
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
