"""Layouts compared by what their workers train in a few seconds: real processes, the real study."""

import queue
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.status import Status

from optisearch.errors import OptisearchError
from optisearch.events import Event, Loading, Metered, Refused, Warm
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
    """A comparison of layouts.

    Attributes:
        job: What is trained. Its database isn't touched.
        console: Shows the layout at work, and a line for each that was measured.
        seconds: How long each one's workers train.
        sizes: The numbers of the data's records; None without data, or before a layout is measured.
    """

    job: Job
    console: Console
    seconds: float = _SECONDS
    sizes: Mapping[str, int | None] | None = None
    _asked: Asked = field(default_factory=Asked)

    def rates(self, layouts: Iterable[Layout]) -> dict[Layout, float]:
        """Epochs a second that the workers of each layout train together.

        Args:
            layouts: The one with one worker first: where that fails, it is the study that fails.
                At another one that fails it ends, since more workers would as well.

        Raises:
            OptisearchError: The study can't be trained.
            SystemExit: A signal asked to end it.
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
        meters = _Meters(Children(self.job, layout.environment), layout, self.seconds, status)
        try:
            meters.start()
            while len(meters.rates) < layout.workers:
                news = meters.news()
                # Before it is heard: a Ctrl-C may have ended a worker, too.
                self._obey()
                if news is not None:
                    meters.hear(news)
        finally:
            meters.children.end(0)
        self.sizes = meters.sizes
        return sum(meters.rates.values())

    def _obey(self) -> None:
        if self._asked.times:
            interrupted = self._asked.first == signal.SIGINT
            raise SystemExit(ExitCode.INTERRUPTED if interrupted else ExitCode.WORK_LEFT)

    def _line(self, layout: Layout, what: str) -> None:
        self.console.print(f"  {layout!s:<26}{what}", markup=False, highlight=False, soft_wrap=True)


@dataclass
class _Meters:
    """The workers of one layout, let go when all are warm, and drained at the same time."""

    children: Children
    layout: Layout
    seconds: float
    status: Status
    rates: dict[int, float] = field(default_factory=dict)
    sizes: Mapping[str, int | None] | None = None
    _warm: int = 0
    _ends: float = float("inf")

    def start(self) -> None:
        self._show("starting")
        for name in range(1, self.layout.workers + 1):
            self.children.meter(name)

    def news(self) -> News | None:
        """Drain them when it is time, and wait a moment for what they say."""
        if time.monotonic() >= self._ends:
            self.children.drain()
            self._ends = float("inf")
        try:
            return self.children.news.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            return None

    def hear(self, news: News) -> None:
        """Take note of what one of them said.

        Raises:
            OptisearchError: It can't train the study, or has ended unexpectedly.
        """
        match news:
            case Printed(_, line) if is_progress(line):
                self._show(line)
            case Said(child, Metered(epochs, seconds)):
                self.rates[child.name] = epochs / seconds
            case Said(_, event):
                self._note(event)
            case Exited(child, code) if child.name not in self.rates:
                raise crashed(child, code)

    def _note(self, event: Event) -> None:
        match event:
            case Loading(what=what):
                self._show(f"loading {what}")
            case Refused():
                raise RefusedByWorker(event)
            case Warm(sizes=sizes):
                self.sizes = sizes
                self._warm += 1
                if self._warm == self.layout.workers:
                    self._show("training the baseline")
                    self.children.go()
                    self._ends = time.monotonic() + self.seconds

    def _show(self, what: str) -> None:
        self.status.update(f"{self.layout}: {format.text(what)}")


def rounded(rate: float) -> str:
    """Three digits: more would be noise."""
    return format.figure(float(f"{rate:.3g}"))
