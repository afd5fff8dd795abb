"""A run on a terminal: a panel below its heading that redraws itself."""

import time
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
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
    Within,
)
from optisearch.pool.screen import STARTING, Lines, drain_notice, is_progress
from optisearch.reading import Progress, Standing, TrialResult
from optisearch.report import format

_REFRESH_PER_SECOND = 4


@dataclass
class _Seat:
    """A worker as shown."""

    doing: str = STARTING
    started: Started | None = None
    epoch: Epoch | None = None
    within: Within | None = None


@dataclass
class LiveScreen(Lines):
    """A panel that redraws itself at the bottom of a terminal."""

    _live: Live | None = None
    _seats: dict[int, _Seat] = field(default_factory=dict)
    _begun: float = field(default_factory=time.monotonic)
    _trained_before: int | None = None
    _notice: str = ""

    def seat(self) -> None:
        """Make room for the workers."""
        self._seats = {n: _Seat() for n in range(1, self.launch.layout.workers + 1)}

    def start(self) -> None:
        self.seat()
        self._live = Live(
            get_renderable=self._draw,
            console=self.console,
            refresh_per_second=_REFRESH_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def event(self, worker: int, event: Event) -> None:
        seat = self._seats.setdefault(worker, _Seat())
        match event:
            case Loading(what=what):
                seat.doing = f"loading {what}"
            case Ready():
                seat.doing = "waiting for a trial"
                if not self._headed:
                    self._begun = time.monotonic()
            case Started():
                seat.started, seat.epoch, seat.within = event, None, None
            case Within():
                seat.within = event
            case Epoch():
                seat.epoch, seat.within = event, None
            case Ended():
                seat.started, seat.doing = None, "waiting for a trial"
            case Leaving(why=why):
                seat.started = None
                seat.doing = "being replaced" if why == "grown" else "finished"
        # Above the panel: the heading, and failures; the rest only where it was asked for.
        failed = isinstance(event, Ended) and event.reason == "failed"
        if self.verbose or failed or isinstance(event, Ready | Lost | Away | Back):
            super().event(worker, event)

    def printed(self, worker: int, line: str) -> None:
        if is_progress(line):
            self._seats[worker].doing = format.text(line)
        else:
            super().printed(worker, line)

    def standing(self, standing: Standing) -> None:
        super().standing(standing)
        if self._trained_before is None:
            self._trained_before = standing.progress.done

    def draining(self, *, late: bool) -> None:
        self._notice = drain_notice(late=late)

    def stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _draw(self) -> Group:
        parts: list[Any] = []
        if self._latest is not None:
            parts.append(self._progress(self._latest))
            if not self._latest.has_cells:
                parts.append(self._best(self._latest.best))
        parts.append(self._workers())
        if self._notice:
            parts.append(Text(self._notice, style="yellow"))
        return Group(*parts)

    def _progress(self, standing: Standing) -> Table:
        tally, progress = standing.tally, standing.progress
        row = Table.grid(padding=(0, 2))
        counts = {"diverged": tally.diverged, "failed": tally.failed}
        if not standing.has_cells:
            noun, counts = "trials", {"pruned": tally.pruned, **counts}
        else:  # cells aren't pruned
            noun = "cells"
        words = [f"{progress.done} of {progress.total} {noun}"]
        words += [f"{count} {word}" for word, count in counts.items()]
        row.add_row(
            ProgressBar(max(progress.total, 1), progress.done, width=20, complete_style="cyan"),
            Text(" · ".join(words)),
            Text(self._left(progress), style="dim"),
        )
        return row

    def _left(self, progress: Progress) -> str:
        if progress.seconds_left is not None and progress.left:  # cells: their costs are known
            seconds = progress.seconds_left / self.launch.layout.workers
            return f"about {format.seconds(seconds)} left"
        here = progress.done - (self._trained_before or 0)
        if here < 2 or not progress.left:
            return ""
        per_trial = (time.monotonic() - self._begun) / here
        return f"about {format.seconds(per_trial * progress.left)} left"

    def _best(self, best: TrialResult | None) -> Text:
        if best is None or best.value is None:
            return Text("no trial has completed yet", style="dim")
        return Text.assemble(
            ("best ", "dim"),
            (f"{self.metric} {format.metric(best.value)}", "bold"),
            (f" in trial {best.number}: {format.settings(best.params.items())}", ""),
        )

    def _workers(self) -> Group:
        """A line for each worker, cut off at the right: the point gives way first."""
        names = {number: f"worker {number}" for number in sorted(self._seats)}
        width = max(map(len, names.values()), default=0)
        doing = {number: self._doing(self._seats[number]) for number in names}
        # Those in training stand in columns; what the others do may be long.
        training = [words for words in doing.values() if len(words) > 1]
        widths = [max(map(len, column)) for column in zip(*training, strict=True)]
        lines = []
        for number, name in names.items():
            line = Text(f"{name:<{width}}", style="dim", no_wrap=True, overflow="ellipsis")
            words = doing[number]
            if len(words) == 1:
                line.append(f"  {words[0]}")
            else:
                trial, value, point = map(str.ljust, words, widths)
                line.append(f"  {trial}  {value}", style="not dim").append(f"  {point.rstrip()}")
            lines.append(line)
        return Group(*lines)

    def _doing(self, seat: _Seat) -> tuple[str, ...]:
        """What a worker does; of one in training the epoch, the metric and the point."""
        started, epoch = seat.started, seat.epoch
        if started is None:
            return (seat.doing,)
        total = f" of {started.epochs}" if started.epochs else ""
        trained = f"{epoch.epoch + 1 if epoch else 0}"
        if seat.within is not None:
            trained = f"{seat.within.epoch + seat.within.share:.1f}"
        return (
            f"trial {started.number} epoch {trained}{total}",
            f"{self.metric} {format.metric(epoch.value)}" if epoch else "",
            format.settings(started.params.items()),
        )
