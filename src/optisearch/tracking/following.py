"""A worker's trials, told to the tools that were asked for."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from optisearch.address import Address
from optisearch.errors import TrainingError
from optisearch.events import Ended
from optisearch.tracking.feed import Feed, Story
from optisearch.tracking.interface import Row
from optisearch.tracking.subjects import subject
from optisearch.tracking.tools import TOOLS

if TYPE_CHECKING:
    import optuna

    from optisearch.record import EndReason

# How long a worker waits for the tools at its end; at its beginning, and where it was asked to stop
# and may be killed soon, the shorter one.
_LONG_SECONDS, _SHORT_SECONDS = 120.0, 10.0


class Following(AbstractContextManager["Following"]):
    """Tells tools of one trial at a time. Without tools it does nothing.

    Attributes:
        feeds: One for each tool.
        storage: The database, without a password.
        stopping: Whether the worker was asked to stop.
    """

    def __init__(
        self,
        feeds: Sequence[Feed] = (),
        storage: str = "",
        stopping: Callable[[], bool] = bool,
    ) -> None:
        self._feeds = feeds
        self._storage = storage
        self._stopping = stopping
        self._story: Story | None = None

    def __enter__(self) -> Self:
        """Wait for the tools' clients to be imported: the first trial would pay for it else."""
        until = time.monotonic() + _SHORT_SECONDS
        for feed in self._feeds:
            feed.open(until)
        return self

    def begin(self, trial: "optuna.Trial") -> None:
        """A trial begins; its hyperparameters are known.

        Raises:
            Exception: The database fails.
        """
        if self._feeds:
            self._story = Story(subject(trial, self._storage))
            for feed in self._feeds:
                feed.begin(self._story)

    def row(self, row: Row) -> None:
        """The trial has trained an epoch, in this attempt or in one that it goes on from."""
        if self._story is not None:
            self._story.rows.append(row)
            for feed in self._feeds:
                feed.wake()

    def end(self, ended: Ended) -> None:
        """The trial ended."""
        if self._story is not None:
            self._story.ended = ended
            self._story = None
            for feed in self._feeds:
                feed.wake(hurry=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """The worker ends; a trial that is left ended with what ends the worker."""
        if self._story is not None:
            reason: EndReason = "interrupted"
            if kind is not None:
                reason = "failed" if issubclass(kind, TrainingError) else "lost"
            self.end(Ended(self._story.subject.number, reason, None, 0.0))
        for feed in self._feeds:
            feed.close()
        limit = _SHORT_SECONDS if self._stopping() else _LONG_SECONDS
        until = time.monotonic() + limit
        for feed in self._feeds:
            feed.wait(until)


def follow(
    names: Sequence[str],
    environment: Mapping[str, str],
    address: Address,
    stopping: Callable[[], bool],
) -> Following:
    """Tell these tools of a worker's trials.

    Args:
        names: Of `TOOLS`.
        environment: Says where they have their runs.
        address: The database.
        stopping: Whether the worker was asked to stop.
    """
    feeds = []
    for name in names:
        kind = TOOLS[name]
        place = kind.place(environment, address)
        feeds.append(Feed(name, partial(kind.open, place), _say))
    return Following(feeds, str(address), stopping)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
