"""What the documents say, and which measurement answers it: data, and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from docs.findings.answer import Answer, missing, names
from docs.findings.judges import Figure, PublishedOrder
from docs.findings.shelf import Half, Shelf
from optisearch.report import format as fmt


@dataclass(frozen=True)
class Claim:
    """One sentence of a document.

    Attributes:
        says: Its words, in short.
        study: The study that measures it.
        comparison: The comparison's name or title.
        judge: What answers it.
        tuned: Which half is meant.
    """

    says: str
    study: str
    comparison: str
    judge: Callable[[Half], Answer]
    tuned: bool = False

    def rows(self, shelf: Shelf) -> Iterator[tuple[str, Answer]]:
        """The claim and its answer."""
        half = shelf.half(self.study, self.comparison, tuned=self.tuned)
        yield self.says, answered(self.judge, half, self)


@dataclass(frozen=True)
class Published:
    """A printed table: a row for each of its figures, and one for the order that they imply.

    Attributes:
        label: How the rows begin.
        study: The study that measures it.
        comparison: The comparison's name or title; the figures are stored with it.
        unit: Of the printed figures.
        order: Whether the order is judged too.
        tuned: Which half is meant.
    """

    label: str
    study: str
    comparison: str
    unit: str = ""
    order: bool = True
    tuned: bool = False

    def rows(self, shelf: Shelf) -> Iterator[tuple[str, Answer]]:
        """Each figure and its answer."""
        half = shelf.half(self.study, self.comparison, tuned=self.tuned)
        if half is None:
            yield self.label, answered(PublishedOrder(), half, self)
            return
        planned, finding = half.results.planned, half.finding
        for level, figure in planned.published:
            timed = finding.is_time and level != finding.reference
            ratio = f", {fmt.figure(finding.published[level])} ×" if timed else ""
            printed = f"{fmt.figure(figure)}{self.unit}{ratio}"
            says = f"{self.label}, {fmt.setting(level)}: {printed}"
            yield says, answered(Figure(level), half, self)
        if self.order and finding.order is not None:
            places = " before ".join(names(place) for place in finding.claim)
            yield f"{self.label}, in order: {places}", answered(PublishedOrder(), half, self)


@dataclass(frozen=True)
class OfMemory:
    """A sentence about memory, which no study measures."""

    says: str
    judge: Callable[[Shelf], Answer]

    def rows(self, shelf: Shelf) -> Iterator[tuple[str, Answer]]:
        """The claim and its answer."""
        yield self.says, self.judge(shelf)


Row = Claim | Published | OfMemory


@dataclass(frozen=True)
class Part:
    """One table of the summary.

    Attributes:
        title: Its heading.
        rows: What is answered in it.
        note: What has to be known to read it.
    """

    title: str
    rows: tuple[Row, ...]
    note: str = ""


def answered(
    judge: Callable[[Half], Answer], half: Half | None, about: Claim | Published
) -> Answer:
    """The judge's answer, or that there is nothing to judge by."""
    which = f"{about.study}/compare, {about.comparison}{', tuned' if about.tuned else ''}"
    if half is None:
        return missing(f"nothing stored of {which}")
    found = judge(half)
    if found.judgement == "not measured":
        return missing(f"{which}: {found.measured}")
    return found
