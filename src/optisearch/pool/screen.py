"""What the person at the terminal sees while a study runs: live on a terminal, lines on a pipe."""

from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.text import Text

from optisearch.events import (
    Away,
    Back,
    Ended,
    Epoch,
    Event,
    Leaving,
    Loading,
    Lost,
    Ready,
    Started,
)
from optisearch.pool.heading import Launch, heading
from optisearch.reading import Standing
from optisearch.report import format

_REFRESH_PER_SECOND = 4
STARTING = "starting (TensorFlow takes some seconds to import)"


class Screen(Protocol):
    """Shows a run."""

    def start(self) -> None:
        """Workers are being started."""

    def event(self, worker: int, event: Event) -> None:
        """A worker tells something."""

    def printed(self, worker: int, line: str) -> None:
        """A worker's study, or a library, printed a line."""

    def crashed(self, worker: int, code: int) -> None:
        """A worker ended unexpectedly, and a successor is being started."""

    def standing(self, standing: Standing) -> None:
        """How the stage stands; comes about twice a second."""

    def draining(self, *, late: bool) -> None:
        """Running trials end at their next epoch, because of a signal or the time limit."""

    def stop(self) -> None:
        """Nothing more will come."""


class NoScreen:
    """Shows nothing."""

    def start(self) -> None: ...
    def event(self, worker: int, event: Event) -> None: ...
    def printed(self, worker: int, line: str) -> None: ...
    def crashed(self, worker: int, code: int) -> None: ...
    def standing(self, standing: Standing) -> None: ...
    def draining(self, *, late: bool) -> None: ...
    def stop(self) -> None: ...


@dataclass
class Lines:
    """Plain lines, one for each trial that ended; for pipes and log files.

    Attributes:
        console: Where to.
        launch: How the run was started.
        verbose: Also each epoch, and what the workers print.
    """

    console: Console
    launch: Launch
    verbose: bool = False
    metric: str = ""
    _latest: Standing | None = None
    _headed: bool = False
    _is_away: bool = False
    _noticed: set[str] = field(default_factory=set)

    def start(self) -> None:
        workers = format.amount(self.launch.layout.workers, "worker")
        self._say(Text(f"{self.launch.path}: {workers} {STARTING}"))

    def event(self, worker: int, event: Event) -> None:
        match event:
            case Ready() if not self._headed:
                self._headed = True
                self.metric = event.manifest["metric"]
                self.console.print(heading(event, self.launch), soft_wrap=True)
                if event.trained:
                    noun = "cells" if event.rows else "trials"
                    total = f"{event.total} {noun}"
                    self._say(Text(f"{event.trained} of {total} are trained already\n"))
            case Ended():
                self._say(self._ended(event))
            case Lost(number=number, owner=owner):
                self._say(Text(f"trial {number} lost: its worker {owner} died"))
            case Away(seconds=seconds) if not self._is_away:
                self._is_away = True
                wait = format.seconds(seconds)
                self._say(Text(f"the database doesn't answer; waiting for it, up to {wait}"))
            case Back(seconds=seconds) if self._is_away:
                self._is_away = False
                self._say(Text(f"the database answers again, after {format.seconds(seconds)}"))
            case _ if self.verbose:
                self._detail(worker, event)

    def printed(self, worker: int, line: str) -> None:
        if is_notice(line) and line not in self._noticed:
            self._noticed.add(line)
            self._say(Text(format.text(line)))
        elif self.verbose or is_progress(line):
            self._say(Text(f"worker {worker}| {format.text(line)}"))

    def crashed(self, worker: int, code: int) -> None:
        self._say(
            Text(f"worker {worker} ended unexpectedly ({code}); a successor takes its trial up")
        )

    def standing(self, standing: Standing) -> None:
        self._latest = standing

    def draining(self, *, late: bool) -> None:
        self._say(Text(drain_notice(late=late)))

    def stop(self) -> None: ...

    def _detail(self, worker: int, event: Event) -> None:
        match event:
            case Loading(what=what):
                self._say(Text(f"worker {worker}: loading {what}"))
            case Started():
                point = format.settings(event.params.items())
                self._say(Text(f"worker {worker}: trial {event.number} begins: {point}"))
            case Epoch():
                value = format.metric(event.value)
                epoch = f"trial {event.number} epoch {event.epoch + 1}"
                self._say(Text(f"worker {worker}: {epoch}: {self.metric} {value}"))
            case Leaving(why="grown"):
                self._say(Text(f"worker {worker}: replaced, its memory has grown"))

    def _ended(self, ended: Ended) -> Text:
        words = [f"trial {ended.number} {ended.reason}"]
        if ended.reason in ("completed", "pruned") and ended.value is not None:
            words.append(f"{self.metric} {format.metric(ended.value)}")
        words.append(f"in {format.seconds(ended.seconds)}")
        if ended.error:
            words.append(f"({ended.error.splitlines()[-1]})")
        return Text(" ".join(words))

    def _say(self, text: Text) -> None:
        self.console.print(text, soft_wrap=True, highlight=False)


def is_progress(line: str) -> bool:
    """Whether a worker's line is about a download (`optisearch.data.download`)."""
    return line.startswith("downloading ")


def is_notice(line: str) -> bool:
    """Whether a worker's line is for everybody, and once (`training.fitter`, `artifacts`,
    `tracking`)."""
    notices = ("trained by keras.Model.fit", "artifacts: ", "checkpoints: ", "logging: ")
    return line.startswith(notices)


def drain_notice(*, late: bool) -> str:
    why = "the time is up" if late else "stopping"
    return f"{why}: running trials end at their next epoch and are kept for later (Ctrl-C: at once)"
