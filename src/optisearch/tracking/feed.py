"""Tells one tool of trials, from a thread of its own: an outage of the tool is nobody else's."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from optisearch.events import Ended
from optisearch.tracebacks import headline
from optisearch.tracking.interface import Row, Run, Subject, Tool
from optisearch.tracking.masking import masked

# A tool is told no more often: what short epochs report goes out together.
_EVERY_SECONDS = 1.0
# One that failed is left alone for so long, and told of a trial that has ended three times at most.
_REST_SECONDS = 30.0
_TRIES = 3
# Further trials that wait to be told of aren't.
_MOST_WAITING = 1000
# At the end, a tool that gets nowhere for so long isn't waited for.
_PATIENCE_SECONDS = 10.0

Say = Callable[[str], None]


@dataclass
class Story:
    """A trial as far as it is known. The training adds to it, and the feeds read.

    Attributes:
        subject: The trial.
        rows: Its epochs.
        ended: How it ended.
    """

    subject: Subject
    rows: list[Row] = field(default_factory=list)
    ended: Ended | None = None


@dataclass
class _Telling:
    """How far a tool was told of a trial."""

    story: Story
    run: Run | None = None
    rows: int = 0
    failures: int = 0

    def go_on(self, tool: Tool) -> bool:
        """Tell what is new. Returns whether that was all there will be."""
        if self.run is None:
            self.run = tool.begin(self.story.subject)
        ended = self.story.ended  # first: all of its epochs are there by then
        new = self.story.rows[self.rows :]
        if new:
            self.run.add(new)
            self.rows += len(new)
        if ended is not None:
            self.run.end(ended)
        return ended is not None


class Feed:
    """Tells one tool of a worker's trials, one after the other.

    Args:
        name: The tool's.
        opened: Opens it. Called in the thread: importing its client may take seconds.
        say: Is told once when it fails.
        rest_seconds: How long a tool that failed is left alone.
    """

    def __init__(
        self,
        name: str,
        opened: Callable[[], Tool],
        say: Say,
        rest_seconds: float = _REST_SECONDS,
    ) -> None:
        self._name = name
        self._opened = opened
        self._say = say
        self._rest_seconds = rest_seconds
        self._tool: Tool | None = None
        self._waiting: deque[_Telling] = deque()
        self._told = self._given_up = 0
        self._has_warned = False
        self._news, self._hurry, self._closing = (threading.Event() for _ in range(3))
        self._was_tried = threading.Event()
        # A client that hangs must not keep the worker from ending.
        self._thread = threading.Thread(target=self._feed, name=f"log {name}", daemon=True)
        self._thread.start()
        self.wake()

    def open(self, until: float) -> None:
        """Wait until the tool is open, or has failed to be.

        Args:
            until: When to stop waiting in any case, by the monotonic clock.
        """
        self._was_tried.wait(max(0.0, until - time.monotonic()))

    def begin(self, story: Story) -> None:
        """Tell of this trial too, from now on."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(_Telling(story))
        else:
            self._given_up += 1
        self.wake()

    def wake(self, *, hurry: bool = False) -> None:
        """There is more to tell; the end of a trial in a hurry, since its worker may die."""
        if hurry:
            self._hurry.set()
        self._news.set()

    def close(self) -> None:
        """No more trials will come."""
        self._closing.set()
        self.wake(hurry=True)

    def wait(self, until: float) -> None:
        """Wait for what is left to be told, as long as it gets on.

        Args:
            until: When to stop waiting in any case, by the monotonic clock.
        """
        told = -1
        while self._thread.is_alive() and told != self._told and time.monotonic() < until:
            told = self._told
            self._thread.join(min(_PATIENCE_SECONDS, max(0.0, until - time.monotonic())))
        left = len(self._waiting) + self._given_up
        trials = "1 trial" if left == 1 else f"{left} trials"
        if left:
            self._say(f"logging: {self._name} doesn't have the whole of {trials}")

    def _feed(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            self._hurry.clear()
            is_last = self._closing.is_set()
            pause = self._hurry, _EVERY_SECONDS
            try:
                self._tell()
            except Exception as error:
                self._failed(error)
                self.wake()  # to try again
                pause = self._closing, self._rest_seconds
            self._was_tried.set()
            if is_last:
                return
            over, seconds = pause
            over.wait(seconds)

    def _tell(self) -> None:
        if self._tool is None:
            self._tool = self._opened()
        while self._waiting and self._waiting[0].go_on(self._tool):
            self._waiting.popleft()
            self._told += 1

    def _failed(self, error: Exception) -> None:
        if self._waiting:
            first = self._waiting[0]
            first.failures += 1
            if first.failures >= _TRIES and first.story.ended is not None:
                self._waiting.popleft()
                self._given_up += 1
        if not self._has_warned:
            self._has_warned = True
            why = masked(headline(error, 200))
            self._say(f"logging: {self._name} can't be told ({why}): trials go on without it")
