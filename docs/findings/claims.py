"""What the documents say, and which measurement answers it: data, and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from docs.findings.answer import Answer, Row, missing, names
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

    def rows(self, shelf: Shelf) -> Iterator[Row]:
        """The claim and its answer."""
        half = shelf.half(self.study, self.comparison, tuned=self.tuned)
        yield Row(self.says, answered(self.judge, half, self))


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

    def rows(self, shelf: Shelf) -> Iterator[Row]:
        """Each figure and its answer."""
        half = shelf.half(self.study, self.comparison, tuned=self.tuned)
        if half is None:
            yield Row(self.label, answered(PublishedOrder(), half, self), "figure")
            return
        planned, finding = half.results.planned, half.finding
        for level, figure in planned.published:
            timed = finding.is_time and level != finding.reference
            ratio = f", {fmt.figure(finding.published[level])} ×" if timed else ""
            judged = not finding.is_time or timed
            band = f" ± {fmt.figure(planned.tolerance)}" if judged and planned.tolerance else ""
            printed = f"{fmt.figure(figure)}{self.unit}{ratio}{band}"
            says = f"{self.label}, {fmt.setting(level)}: {printed}"
            # Of the document's figures, which are untuned, each counts once.
            yield Row(
                says, answered(Figure(level), half, self), "claim" if self.tuned else "figure"
            )
        if self.order and finding.order is not None:
            places = " before ".join(names(place) for place in finding.claim)
            says = f"{self.label}, in order: {places}"
            yield Row(
                says, answered(PublishedOrder(), half, self), "claim" if self.tuned else "order"
            )


@dataclass(frozen=True)
class OfMemory:
    """A sentence about memory, which no study measures."""

    says: str
    judge: Callable[[Shelf], Answer]

    def rows(self, shelf: Shelf) -> Iterator[Row]:
        """The claim and its answer."""
        yield Row(self.says, self.judge(shelf))


Asked = Claim | Published | OfMemory


@dataclass(frozen=True)
class Part:
    """One table of the summary.

    Attributes:
        title: Its heading.
        rows: What is answered in it.
        note: What has to be known to read it.
    """

    title: str
    rows: tuple[Asked, ...]
    note: str = ""


def answered(
    judge: Callable[[Half], Answer], half: Half | None, about: Claim | Published
) -> Answer:
    """The judge's answer, or that there is nothing to judge by."""
    which = f"{about.study}/compare, {about.comparison}{', tuned' if about.tuned else ''}"
    if half is None:
        return missing(f"no result yet of {which}")
    found = judge(half)
    if found.judgement == "not measured":
        return missing(f"{which}: {found.measured}")
    return found
