"""What a tool is told, and what it has to be able to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from optisearch.address import Address
from optisearch.events import Ended

# One epoch of a trial, as in its history: `epoch` (from 0), `seconds`, and its metrics.
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """A trial, as its run shows it.

    Attributes:
        stage: Its stage: `mnist/search`.
        number: Its number there.
        params: Its active hyperparameters.
        seed: Its seed.
        started: When it began.
        storage: The database that it is in, without a password.
        worker: Who trains it, as `host:pid`.
        key: The same for all attempts at it, and for nothing else.
        earlier: The numbers of the attempts before this one, whose runs this one's replaces.
    """

    stage: str
    number: int
    params: Mapping[str, Any]
    seed: int
    started: datetime
    storage: str
    worker: str
    key: str
    earlier: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return f"trial {self.number}"

    @property
    def study(self) -> str:
        return self.stage.rpartition("/")[0]

    def facts(self) -> dict[str, str]:
        """What leads back to it, and what it was trained with beside its hyperparameters."""
        facts = {
            "stage": self.stage,
            "trial": str(self.number),
            "seed": str(self.seed),
            "storage": self.storage,
            "worker": self.worker,
        }
        return facts | ({"replaces": self.replaced} if self.earlier else {})

    @property
    def replaced(self) -> str:
        """The attempts before this one, in words."""
        return ", ".join(f"trial {number}" for number in self.earlier)


def metrics(row: Row) -> dict[str, float]:
    """An epoch's metrics."""
    return {name: value for name, value in row.items() if name not in ("epoch", "seconds")}


class Run(Protocol):
    """One trial's run in a tool."""

    def add(self, rows: Sequence[Row]) -> None:
        """Add epochs. Called again with the same ones where it raised."""

    def end(self, ended: Ended) -> None:
        """Say how the trial ended, and close the run."""


class Tool(Protocol):
    """A tool, as one worker uses it: by one thread, and one run at a time. Whatever it raises is
    taken for an outage; it is asked the same again later."""

    def begin(self, subject: Subject) -> Run:
        """Begin a trial's run, in place of those of the attempts before."""


@dataclass(frozen=True)
class Place:
    """Where a tool's runs go.

    Attributes:
        where: The same for the tool; it may hold a password, and is never printed.
        look: The same for people: what it is, and how to look at it.
    """

    where: str
    look: str


@dataclass(frozen=True)
class Kind:
    """A tool that could be asked for.

    Attributes:
        package: What it takes, which the extra of the tool's name installs.
        place: Where its runs go, by the environment and the database. Reaches nobody.
        open: Opens that place.
    """

    package: str
    place: Callable[[Mapping[str, str], Address], Place]
    open: Callable[[Place], Tool]
