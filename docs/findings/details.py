"""Each study by itself: how it was measured, and the same tables as in its reports."""

import re
from collections.abc import Iterator, Sequence

from docs.findings.commands import of_stage
from docs.findings.shelf import Shelf, train_samples
from docs.findings.summary import text
from optisearch.reading import StageResults
from optisearch.report import format as fmt
from optisearch.report import report
from optisearch.report.render import to_text

_HEADINGS = re.compile(r"^(#+ )", re.MULTILINE)


def details(studies: Sequence[str], shelf: Shelf) -> Iterator[str]:
    """A section for each study, as lines of Markdown."""
    for study in studies:
        yield f"## {text(study)}"
        yield ""
        stages = shelf.of(study)
        if not stages:
            yield "Nothing is stored of it."
            yield ""
        for stage in stages:
            yield from _stage(stage)


def _stage(stage: StageResults) -> Iterator[str]:
    info = stage.info
    yield f"### {text(info.name)}"
    yield ""
    yield "```"
    yield from of_stage(stage)
    yield "```"
    yield ""
    yield text(_extent(stage))
    yield ""
    if info.versions:
        yield text(f"Measured with {versions(stage)}.")
        yield ""
    # Its title would be a heading of the same rank as the study's.
    _, _, body = to_text(report(stage), "markdown").partition("\n")
    yield _HEADINGS.sub(r"##\1", body).strip()
    yield ""


def versions(stage: StageResults) -> str:
    """`Python 3.11.7, keras 3.15.1, …`."""
    return ", ".join(f"{name} {version}" for name, version in stage.info.versions.items())


def _extent(stage: StageResults) -> str:
    """How much there is of it, and of how much data."""
    info, tally = stage.info, stage.tally
    parts = [fmt.amount(tally.trained, "trial") + " trained"]
    if info.seeds:
        parts.append(f"{fmt.amount(info.seeds, 'seed')} for each row")
    sizes = info.data.get("sizes") or {}
    if sizes:
        listed = [f"{fmt.count(size)} {part}" for part, size in sizes.items()]
        parts.append(f"records: {fmt.listing(listed)}")
    told = "; ".join(parts) + "."
    if train_samples(info):
        told += (
            f" The training part was cut to {fmt.count(train_samples(info) or 0)} records "
            "(--train-samples): all of them may give other figures."
        )
    if tally.running or tally.waiting:
        told += " It is still being measured."
    return told
