"""From a database to `docs/findings.md`."""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.findings.claims import Part
from docs.findings.commands import commands
from docs.findings.details import details, versions
from docs.findings.documents import PARTS
from docs.findings.shelf import Shelf
from docs.findings.summary import summary, text
from optisearch.address import parse
from optisearch.errors import OptisearchError
from optisearch.reading import StageResults, load_stages
from optisearch.report import format as fmt
from optisearch.storage import open_database

# In the order of the documents; what else is stored follows.
STUDIES = (
    "mnist",
    "data_size",
    "binary",
    "mnist_convolutional",
    "autoencoder",
    "autoencoder_fair",
)
_STORAGE = "sqlite:///storage/findings.db"


def page(shelf: Shelf, unreadable: Sequence[str] = (), parts: Sequence[Part] = PARTS) -> str:
    """The whole of `docs/findings.md`."""
    others = dict.fromkeys(stage.info.study for stage in shelf.stages)
    studies = list(dict.fromkeys([*STUDIES, *others]))
    lines = [
        "# Findings",
        "",
        *_introduction(shelf, studies, unreadable),
        "",
        *summary(parts, shelf),
        "",
        *_how(shelf),
        "",
        *details(studies, shelf),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _introduction(shelf: Shelf, studies: Sequence[str], unreadable: Sequence[str]) -> Iterator[str]:
    yield (
        "Four tutorials print tables about optimizers, learning rates, losses and architectures, "
        "and don't say where the figures come from. Here each of their tables and claims stands "
        "beside a measurement. This page is generated: no number in it was typed."
    )
    yield ""
    yield (
        "How to read it. A published figure **holds** where the whole 95 % interval of the mean "
        "lies within the figure and its tolerance, is **contradicted** where it lies wholly "
        "outside, and **undecided** otherwise. An order holds where each of its steps can be told "
        "at 5 %, and is contradicted where one of them is turned round. That something helps holds "
        "where the whole interval of the difference, paired by seed, says so. In brackets: the "
        "interval and the number of seeds. How each number is computed: [tables.md](tables.md)."
    )
    yield ""
    yield (
        "A contradicted figure isn't a wrong one: the documents don't say how their figures came "
        "about, and another width, learning rate or number of epochs gives others. It says that "
        "the settings that they do name don't give it here."
    )
    known = {stage.info.study for stage in shelf.stages}
    absent = [study for study in studies if study not in known]
    if absent:
        yield ""
        yield f"Not measured yet: {text(fmt.listing(absent))}."
    for sentence in unreadable:
        yield ""
        yield text(sentence)


def _how(shelf: Shelf) -> Iterator[str]:
    yield "## How it was measured"
    yield ""
    if not shelf.stages:
        yield "Nothing is stored."
        return
    yield "```"
    yield f"export OPTISEARCH_STORAGE={_STORAGE}"
    yield from dict.fromkeys(commands(shelf.stages))
    memory = ""
    if shelf.batch_memory:
        yield "python -m benchmarks.batch_memory --json storage/batch_memory.json"
        memory = " --batch-memory storage/batch_memory.json"
    yield f"python -m docs.findings --storage {_STORAGE}{memory}"
    yield "```"
    yield ""
    used = dict.fromkeys(versions(stage) for stage in shelf.stages if stage.info.versions)
    yield f"With {'; and with '.join(map(text, used))}." if used else "With unknown versions."
    yield ""
    yield "| stage | trials | seeds | training records | note |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for stage in shelf.stages:
        yield _row(stage)
    yield ""
    yield (
        "Times are those of one machine that had other work besides: only ratios are compared, and "
        "small ones say little."
    )


def _row(stage: StageResults) -> str:
    info, tally = stage.info, stage.tally
    records = (info.data.get("sizes") or {}).get("train")
    unfinished = "still being measured" if tally.running or tally.waiting else ""
    notes = [note for note in (str(info.data.get("note", "")), unfinished) if note]
    cells = [
        text(info.name),
        fmt.count(tally.trained),
        str(info.seeds or 1),
        fmt.count(records) if records else fmt.MISSING,
        text("; ".join(notes)),
    ]
    return f"| {' | '.join(cells)} |"


def read(urls: Sequence[str]) -> tuple[list[StageResults], list[str]]:
    """All stages of all databases, and a sentence for each that can't be read."""
    stages: list[StageResults] = []
    unreadable: list[str] = []
    for url in urls:
        database = open_database(parse(url), create=False)
        with database.errors():
            found, sentences = load_stages(database.storage)
        known = {stage.info.name for stage in stages}
        stages += [stage for stage in found if stage.info.name not in known]
        unreadable += sentences
    return stages, unreadable


def batch_memory(file: Path | None) -> dict[int, list[float]]:
    """What `benchmarks/batch_memory.py` wrote: batch size → bytes that a step added."""
    added: defaultdict[int, list[float]] = defaultdict(list)
    if file is not None:
        for run in json.loads(file.read_text(encoding="utf-8")):
            added[run["batch"]].append(run["peak"] - run["before"])
    return dict(added)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m docs.findings", description=__doc__)
    parser.add_argument("--storage", action="append", required=True, metavar="URL")
    parser.add_argument("--output", type=Path, default=Path("docs/findings.md"))
    parser.add_argument("--batch-memory", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    try:
        stages, unreadable = read(arguments.storage)
    except OptisearchError as error:
        sys.exit(str(error))
    shelf = Shelf(stages, batch_memory(arguments.batch_memory))
    arguments.output.write_text(page(shelf, unreadable), encoding="utf-8")


if __name__ == "__main__":
    main()
