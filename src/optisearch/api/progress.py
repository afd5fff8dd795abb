"""What is shown while a call trains: live in a notebook and on a terminal, else lines."""

import sys
import time
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from rich.console import Console

from optisearch.events import Event
from optisearch.pool.heading import Launch
from optisearch.pool.live import LiveScreen
from optisearch.pool.running import Manner, screen_for
from optisearch.pool.screen import Screen, drain_notice
from optisearch.reading import Standing

_WIDTH = 110
_REDRAWN_SECONDS = 0.4
# What lies behind it is the notebook's: text has its colour there.
_PAGE = (
    "<pre style=\"font-family: Menlo, 'DejaVu Sans Mono', Consolas, monospace; font-size: 0.93em; "
    'line-height: 1.4; margin: 0; white-space: pre-wrap">{code}</pre>'
)


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def console(*, quiet: bool = False) -> Console:
    """Where lines are said.

    Standard error, for standard output is the script's own; a notebook would show that in red.
    """
    inside = in_notebook()
    return Console(
        stderr=not inside,
        quiet=quiet,
        highlight=False,
        force_jupyter=False,
        force_terminal=False if inside else None,  # its environment claims that it is one
    )


def screen(launch: Launch, manner: Manner) -> Screen:
    """What shows a run here."""
    if manner.quiet or not in_notebook():
        return screen_for(launch, manner, console())
    return NotebookScreen(_paper(), launch, manner.verbose)


def _paper() -> Console:
    """What is printed on it is kept, to be exported."""
    return Console(
        file=StringIO(),
        record=True,
        width=_WIDTH,
        highlight=False,
        force_jupyter=False,
        force_terminal=True,
        color_system="truecolor",
    )


@dataclass
class NotebookScreen(LiveScreen):
    """One output of a cell, which is redrawn: what was said, and below it the panel."""

    _shown: Any = None
    _drawn: float = field(default=0.0)

    def start(self) -> None:
        from IPython.display import display

        self.seat()
        self._shown = display(_Html(self._page()), display_id=True)

    def event(self, worker: int, event: Event) -> None:
        super().event(worker, event)
        self._redraw()

    def printed(self, worker: int, line: str) -> None:
        super().printed(worker, line)
        self._redraw()

    def standing(self, standing: Standing) -> None:
        super().standing(standing)
        self._redraw()

    def draining(self, *, late: bool) -> None:
        # A notebook's button for Ctrl-C is a square.
        self._notice = drain_notice(late=late).replace("Ctrl-C", "interrupt again")
        self._redraw(now=True)

    def stop(self) -> None:
        self._redraw(now=True, over=True)

    def _redraw(self, *, now: bool = False, over: bool = False) -> None:
        if self._shown is None or not (now or time.monotonic() - self._drawn > _REDRAWN_SECONDS):
            return
        self._drawn = time.monotonic()
        self._shown.update(_Html(self._page(over=over)))

    def _page(self, *, over: bool = False) -> str:
        said = _exported(self.console)
        if over and self._latest is None:
            return said
        panel = _paper()
        panel.print(self._progress(self._latest) if over and self._latest else self._draw())
        return said + _exported(panel)


class _Html:
    """HTML for IPython, which asks its outputs for it."""

    def __init__(self, html: str) -> None:
        self._html = html

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return ""


def _exported(paper: Console) -> str:
    return paper.export_html(code_format=_PAGE, inline_styles=True, clear=False)
