"""Layouts compared by what their workers train in a few seconds: real processes, the real study."""

import queue
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.status import Status

from optisearch.errors import OptisearchError
from optisearch.events import Loading, Metered, Refused, Warm
from optisearch.job import Job
from optisearch.pool.children import Children, Exited, News, Printed, Said
from optisearch.pool.layout import Layout
from optisearch.pool.screen import is_progress
from optisearch.pool.session import Asked, RefusedByWorker, crashed
from optisearch.report import format
from optisearch.worker import ExitCode

_SECONDS = 5.0
_LOOK_SECONDS = 0.2


@dataclass
class Measuring:
    """One comparison of layouts.

    Attributes:
        job: What is trained. Its database isn't touched.
        console: Shows the layout at work, and a line for each that was measured.
        seconds: How long each one's workers train.
        sizes: The numbers of the data's records, known once a layout was measured.
    """

    job: Job
    console: Console
    seconds: float = _SECONDS
    sizes: Mapping[str, int | None] | None = None
    _asked: Asked = field(default_factory=Asked)

    def rates(self, layouts: Iterable[Layout]) -> dict[Layout, float]:
        """Epochs a second of the workers of each layout together.

        Args:
            layouts: The one with one worker first: if that one fails, it is the study's failure.
                With the first other one that fails, it ends: more of them fail as well.

        Raises:
            OptisearchError: The study can't be trained.
            KeyboardInterrupt: INT asked to end it.
            SystemExit: Another signal did.
        """
        found: dict[Layout, float] = {}
        with self._asked.listening(), self.console.status("") as status:
            for layout in layouts:
                try:
                    found[layout] = self._rate(layout, status)
                except OptisearchError as error:
                    if not found:
                        raise
                    why = str(error).splitlines()[0]
                    self._line(layout, f"can't be used: {format.text(why)}")
                    break
                self._line(layout, f"{rounded(found[layout])} epochs a second")
        return found

    def _rate(self, layout: Layout, status: Status) -> float:
        children = Children(self.job, layout.environment())
        waiting, ends = layout.workers, float("inf")
        rates: dict[int, float] = {}
        try:
            status.update(f"{layout}: starting")
            for name in range(1, layout.workers + 1):
                children.meter(name)
            while len(rates) < layout.workers:
                self._obey()
                if time.monotonic() >= ends:
                    children.drain()
                    ends = float("inf")
                match _next(children):
                    case Said(_, Loading(what)):
                        status.update(f"{layout}: loading {what}")
                    case Printed(_, line) if is_progress(line):
                        status.update(f"{layout}: {format.text(line)}")
                    case Said(_, Warm(sizes)):
                        self.sizes = sizes
                        waiting -= 1
                        if not waiting:
                            status.update(f"{layout}: training the baseline")
                            children.go()
                            ends = time.monotonic() + self.seconds
                    case Said(child, Metered(epochs, seconds)):
                        rates[child.name] = epochs / seconds
                    case Said(_, Refused() as refused):
                        raise RefusedByWorker(refused)
                    case Exited(child, code) if child.name not in rates:
                        raise crashed(child, code)
        finally:
            children.end(0)
        return sum(rates.values())

    def _obey(self) -> None:
        if self._asked.first == signal.SIGINT:
            raise KeyboardInterrupt
        if self._asked.times:
            raise SystemExit(ExitCode.WORK_LEFT)

    def _line(self, layout: Layout, what: str) -> None:
        self.console.print(f"  {layout!s:<26}{what}", markup=False, soft_wrap=True)


def rounded(rate: float) -> str:
    """Three digits: more would be noise."""
    return format.figure(float(f"{rate:.3g}"))


def _next(children: Children) -> News | None:
    try:
        return children.news.get(timeout=_LOOK_SECONDS)
    except queue.Empty:
        return None
