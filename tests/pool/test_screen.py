"""What the person sees: plain lines on a pipe, a panel on a terminal."""

import io
from collections.abc import Callable, Iterator

import pyte
import pytest
from rich.console import Console

from optisearch import Study
from optisearch.events import (
    Ended,
    Epoch,
    Event,
    Leaving,
    Loading,
    Ready,
    Started,
    Within,
    silence,
)
from optisearch.pool.heading import Launch
from optisearch.pool.live import LiveScreen
from optisearch.pool.screen import Lines, NoScreen, Screen
from optisearch.reading import StageReader, Standing
from optisearch.stage import Stage
from optisearch.training import make_trainer
from optisearch.worker import Stop, work

POINT = {"x": 1.23456, "shape": "steep", "slope": 44.4, "epochs": 3}
TRACEBACK = 'Traceback\n  File "x.py", line 1\nValueError: too [deep]'
EVENTS: list[Event] = [
    Loading("data"),
    Started(3, POINT, 3),
    Epoch(3, 0, -12.3456),
    Ended(3, "completed", -12.3456, 0.0123),
    Ended(4, "pruned", 0.5, 75.0),
    Ended(5, "diverged", float("-inf"), 1.0),
    Ended(6, "failed", None, 1.0, cause="ValueError at x.py:1", error=TRACEBACK),
    Ended(7, "interrupted", 0.25, 1.0),
    Leaving("grown"),
    Leaving("done"),
]


@pytest.fixture
def stage(open_parabola: Callable[..., Stage]) -> Stage:
    return open_parabola(trials=9)


@pytest.fixture
def standing(open_parabola: Callable[..., Stage], parabola: Study) -> Standing:
    """Five of nine trials."""
    stage = open_parabola(trials=5)
    work(stage, parabola, make_trainer(parabola, None), stop=Stop(), listener=silence)
    open_parabola(stage.database, trials=9)
    return StageReader(stage.study).look()


def on_a_pipe(launch: Launch, ready: Ready, *, verbose: bool) -> list[str]:
    """The lines below the heading."""
    file = io.StringIO()
    lines = Lines(Console(file=file, width=40, highlight=False), launch, verbose)
    lines.start()
    lines.event(1, ready)
    heading = file.getvalue()
    for event in EVENTS:
        lines.event(2, event)
    lines.printed(2, "said \x1b[31mred")
    lines.printed(2, "downloading mnist.npz: 3 MB")
    for worker in (1, 2):
        lines.printed(worker, "trained by keras.Model.fit, which is slower: because")
    lines.crashed(2, -9)
    lines.draining(late=True)
    lines.stop()
    assert "\x1b" not in file.getvalue()
    return file.getvalue().removeprefix(heading).splitlines()


def test_lines_on_a_pipe(stage: Stage, ready: Callable[..., Ready], launch: Launch) -> None:
    *lines, last = on_a_pipe(launch, ready(stage), verbose=False)
    assert lines == [
        "trial 3 completed height -12.35 in 12 ms",
        "trial 4 pruned height 0.5000 in 1 m 15 s",
        "trial 5 diverged in 1.0 s",
        "trial 6 failed in 1.0 s (ValueError: too [deep])",
        "trial 7 interrupted in 1.0 s",
        "worker 2| downloading mnist.npz: 3 MB",
        "trained by keras.Model.fit, which is slower: because",
        "worker 2 ended unexpectedly (-9); a successor takes its trial up",
    ]
    assert last == (
        "the time is up: running trials end at their next epoch and are kept for later "
        "(Ctrl-C: at once)"
    )


def test_verbose_lines_on_a_pipe(stage: Stage, ready: Callable[..., Ready], launch: Launch) -> None:
    lines = on_a_pipe(launch, ready(stage), verbose=True)
    assert lines[:3] == [
        "worker 2: loading data",
        "worker 2: trial 3 begins: x 1.23, shape steep, slope 44.4, epochs 3",
        "worker 2: trial 3 epoch 1: height -12.35",
    ]
    assert "worker 2: replaced, its memory has grown" in lines
    assert "worker 2| said red" in lines


def test_the_heading_comes_once_and_says_what_is_done_already(
    stage: Stage, ready: Callable[..., Ready], launch: Launch
) -> None:
    file = io.StringIO()
    lines = Lines(Console(file=file), launch)
    lines.start()
    for worker in (1, 2):
        lines.event(worker, ready(stage, trained=4))
    text = file.getvalue()
    assert text.startswith("studies/parabola.py: 2 workers starting")
    assert text.count("parabola/search") == 1
    assert text.count("4 of 9 trials are trained already") == 1


class Terminal:
    """A terminal to look at."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.file = io.StringIO()
        self.console = Console(
            file=self.file, force_terminal=True, width=width, height=24, _environ={}
        )

    @property
    def rows(self) -> list[str]:
        """What stands on it now."""
        screen = pyte.Screen(self.width, 24)
        pyte.Stream(screen).feed(self.file.getvalue().replace("\n", "\r\n"))
        return [row.rstrip() for row in screen.display if row.strip()]


@pytest.fixture(params=[80, 40], ids=lambda width: f"{width} columns")
def terminal(request: pytest.FixtureRequest) -> Terminal:
    return Terminal(request.param)


@pytest.fixture
def live(terminal: Terminal, launch: Launch) -> Iterator[LiveScreen]:
    """A screen that is redrawn when the test asks for it."""
    screen = LiveScreen(terminal.console, launch)
    screen.start()
    assert screen._live is not None
    screen._live.auto_refresh = False
    yield screen
    screen.stop()


def redraw(live: LiveScreen) -> None:
    assert live._live is not None
    live._live.refresh()


def test_workers_that_start(live: LiveScreen, terminal: Terminal) -> None:
    redraw(live)
    assert [row[:18] for row in terminal.rows if row.startswith("worker")] == [
        "worker 1  starting",
        "worker 2  starting",
    ]


def test_the_panel(
    live: LiveScreen,
    terminal: Terminal,
    stage: Stage,
    ready: Callable[..., Ready],
    standing: Standing,
) -> None:
    live.event(1, ready(stage))
    live.event(1, Started(3, POINT, 3))
    live.event(1, Epoch(3, 1, -12.3456))
    live.event(2, Loading("data"))
    live.standing(standing)
    live.draining(late=False)
    redraw(live)
    text = " ".join(" ".join(terminal.rows).split())
    assert "trial 3 epoch 2 of 3" in text
    assert "loading data" in text
    best = standing.best
    assert best is not None
    assert f"in trial {best.number}" in text
    assert "stopping: running trials end at their next epoch" in text
    if terminal.width == 80:
        assert "5 of 9 trials · 0 pruned · 0 diverged · 0 failed" in text
        assert "worker 1 trial 3 epoch 2 of 3 height -12.35 x 1.23, shape steep" in text
        # A row for the progress, the best and each worker; two for the notice.
        begins = next(n for n, row in enumerate(terminal.rows) if "of 9 trials" in row)
        assert len(terminal.rows) - begins == 6


def test_nothing_of_the_panel_stays(
    live: LiveScreen, terminal: Terminal, stage: Stage, ready: Callable[..., Ready]
) -> None:
    live.event(1, ready(stage))
    live.event(1, Started(3, POINT, 3))
    redraw(live)
    live.stop()
    assert not [row for row in terminal.rows if row.startswith("worker 1  trial")]


def test_failures_stay_above_the_panel_and_other_trials_do_not(
    live: LiveScreen, terminal: Terminal, stage: Stage, ready: Callable[..., Ready]
) -> None:
    live.event(1, ready(stage))
    for event in EVENTS:
        live.event(2, event)
    live.stop()
    text = " ".join(terminal.rows)
    assert "trial 6 failed" in text
    assert "trial 3 completed" not in text


def test_a_download_is_shown_in_the_workers_row(live: LiveScreen, terminal: Terminal) -> None:
    live.printed(2, "downloading mnist.npz: 3 MB")
    redraw(live)
    assert "downloading mnist.npz" in " ".join(terminal.rows)


def test_a_long_epoch_shows_how_far_it_is(live: LiveScreen, terminal: Terminal) -> None:
    live.event(1, Started(3, POINT, 3))
    live.event(1, Epoch(3, 0, -12.3456))
    live.event(1, Within(3, 1, 0.25))
    redraw(live)
    assert any("trial 3 epoch 1.2 of 3" in row for row in terminal.rows)
    live.event(1, Epoch(3, 1, -12.3456))
    redraw(live)
    assert any("trial 3 epoch 2 of 3" in row for row in terminal.rows)


def test_a_quiet_screen_shows_nothing(standing: Standing) -> None:
    screen: Screen = NoScreen()
    screen.start()
    screen.event(1, EVENTS[0])
    screen.printed(1, "x")
    screen.crashed(1, 1)
    screen.standing(standing)
    screen.draining(late=True)
    screen.stop()
