"""What takes long to compute is computed by one at a time, and shown until it is computed anew."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Made(Generic[T]):
    value: T
    state: object
    ended: float
    took: float


class Kept(Generic[T]):
    """The last value, what it was computed from, and whether somebody computes the next one."""

    def __init__(self, pool: Executor, rest_seconds: float, rest_times: float = 0.0) -> None:
        """Compute nothing yet.

        Args:
            pool: Whose threads compute.
            rest_seconds: For so long a value is shown as it is.
            rest_times: And for so many times as long as it took to compute.
        """
        self._pool = pool
        self._rest_seconds = rest_seconds
        self._rest_times = rest_times
        self._lock = threading.Lock()
        self._last: _Made[T] | None = None
        self._next: Future[_Made[T]] | None = None

    def get(
        self, compute: Callable[[], T], state: object = None, *, patience: float | None
    ) -> T | None:
        """The value of this state, or the last one there is.

        Whatever `compute` raises is raised here.

        Args:
            compute: Computes it.
            state: What it is computed from; None: nobody knows whether that has changed.
            patience: How long to wait for a new value, in seconds; None: until it is there.

        Returns:
            None where there is no value yet.
        """
        with self._lock:
            last = self._last
            if last is not None and (
                self._rests(last) or (state is not None and state == last.state)
            ):
                return last.value
            if self._next is None:
                self._next = self._pool.submit(self._make, compute, state)
            coming = self._next
        if wait([coming], patience).done:
            return coming.result().value
        return None if last is None else last.value

    def _rests(self, last: _Made[T]) -> bool:
        rest = max(self._rest_seconds, self._rest_times * last.took)
        return time.monotonic() - last.ended < rest

    def _make(self, compute: Callable[[], T], state: object) -> _Made[T]:
        began = time.monotonic()
        try:
            value = compute()
        except BaseException:
            with self._lock:
                self._next = None
            raise
        ended = time.monotonic()
        with self._lock:
            self._last = _Made(value, state, ended, ended - began)
            self._next = None
            return self._last
