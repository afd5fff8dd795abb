"""How many steps a call to a graph takes: as many as it can in a time in which nobody wonders."""

import time
from collections.abc import Iterator

# Between two calls a trial can be seen to go on, and be ended.
_SECONDS = 2.0


class Pace:
    """Learns how long a step takes.

    The first call takes one step: it also traces the graph, and nothing is known before it.
    """

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._steps = 1

    def calls(self, steps: int) -> Iterator[tuple[int, int]]:
        """Cut an epoch's steps into calls, each from its first step up to the next one's."""
        begin = 0
        while begin < steps:
            end = min(steps, begin + self._steps)
            started = time.perf_counter()
            yield begin, end
            taken = max(time.perf_counter() - started, 1e-9)
            self._steps = max(1, int(self._seconds * (end - begin) / taken))
            begin = end
