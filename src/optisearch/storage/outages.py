"""A database that goes away for a while is waited for, and it is said once when it is back."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from optisearch.events import Away, Back, Listener, silence
from optisearch.storage.errors import is_in_use, is_passing

# How long a worker waits for a database that went away.
OUTAGE_SECONDS = 300.0
# Shorter than what an engine gives a process between asking it to end and killing it.
_LEAVING_SECONDS = 8.0
# What is over sooner (a restarted connection, two writers in each other's way) isn't worth a line.
_SAID_AFTER_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 5.0

T = TypeVar("T")


@dataclass
class Endurance:
    """How long a process waits for its database, and who is told.

    Attributes:
        seconds: The longest outage that is waited out; 0 for none. A lock that others ask for, too,
            is none: unless that is 0, it is waited for as long as it takes.
        listener: Is told when an outage begins, and when it is over.
        leaving: Whether the process was asked to end: then it doesn't wait for long.
    """

    seconds: float = 0.0
    listener: Listener = silence
    leaving: Callable[[], bool] = lambda: False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _since: float | None = None
    _was_said: bool = False

    def call(self, function: Callable[[], T]) -> T:
        """Call a function, again and again while the database is away.

        Args:
            function: What can be done twice: a call that failed may have been carried out.

        Raises:
            Exception: The function's own, when it has another cause, or the wait was too long.
        """
        # Spread out, so that forty workers don't come back at the same moment.
        result = Retrying(
            retry=retry_if_exception(is_passing),
            wait=wait_random_exponential(0.2, max=_LONGEST_PAUSE_SECONDS),
            stop=self._is_enough(),
            before_sleep=self._failed,
            reraise=True,
        )(function)
        self._answered()
        return result

    def _is_enough(self) -> Callable[[RetryCallState], bool]:
        asked: float | None = None

        def is_enough(state: RetryCallState) -> bool:
            nonlocal asked
            if self.leaving():
                asked = asked or time.monotonic()
                return time.monotonic() - asked >= min(_LEAVING_SECONDS, self.seconds)
            if self.seconds and _is_in_use(state):
                return False  # nobody keeps a lock for good: the server ends who falls silent
            return (state.seconds_since_start or 0.0) >= self.seconds

        return is_enough

    def _failed(self, state: RetryCallState) -> None:
        if _is_in_use(state):
            return  # it isn't away
        with self._lock:
            now = time.monotonic()
            self._since = self._since or now
            if self._was_said or now - self._since < _SAID_AFTER_SECONDS:
                return
            self._was_said = True
        self.listener(Away(self.seconds))

    def _answered(self) -> None:
        if self._since is None:
            return
        with self._lock:
            since, was_said = self._since, self._was_said
            self._since, self._was_said = None, False
        if was_said and since is not None:
            self.listener(Back(time.monotonic() - since))


def _is_in_use(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome is not None else None
    return error is not None and is_in_use(error)
