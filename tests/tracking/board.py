"""A tool that remembers what it was told, and is away when it is told to be."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from optisearch.events import Ended
from optisearch.tracking.interface import Row, Subject


@dataclass
class Board:
    """The tool.

    Attributes:
        subjects: The trials that began, in turn.
        rows: Their epochs, by number.
        told: Of each the numbers of its epochs, and how it ended.
        away: Whether it fails for the trial of a number.
        asked: How often it was asked for something.
        held: While it isn't set, nothing that is asked for returns.
    """

    subjects: list[Subject] = field(default_factory=list)
    rows: dict[int, list[Row]] = field(default_factory=dict)
    told: dict[int, list[object]] = field(default_factory=dict)
    away: Callable[[int], bool] = lambda number: False
    asked: int = 0
    held: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.held.set()

    def begin(self, subject: Subject) -> "Page":
        self.check(subject.number)
        self.subjects.append(subject)
        self.rows[subject.number], self.told[subject.number] = [], []
        return Page(self, subject.number)

    def check(self, number: int) -> None:
        self.held.wait()
        self.asked += 1
        if self.away(number):
            raise ConnectionError("https://ann:s3cret@board is away")


@dataclass
class Page:
    """One of its runs."""

    board: Board
    number: int

    def add(self, rows: Sequence[Row]) -> None:
        self.board.check(self.number)
        self.board.rows[self.number] += rows
        self.board.told[self.number] += [row["epoch"] for row in rows]

    def end(self, ended: Ended) -> None:
        self.board.check(self.number)
        self.board.told[self.number].append(ended.reason)
