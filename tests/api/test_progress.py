"""What is shown while a call trains."""

import sys
from types import ModuleType
from typing import Any

import pytest

from optisearch.api import progress
from optisearch.api.progress import NotebookScreen, in_notebook, screen
from optisearch.events import Ended, Loading
from optisearch.pool.heading import Launch
from optisearch.pool.running import Manner
from optisearch.pool.screen import Lines, NoScreen
from optisearch.reading import StageReader
from optisearch.stage import Stage


class Shown:
    """An output of a cell."""

    def __init__(self, first: Any) -> None:
        self.pages = [first]

    def update(self, page: Any) -> None:
        self.pages.append(page)

    @property
    def html(self) -> str:
        return self.pages[-1]._repr_html_()


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> list[Shown]:
    """What a notebook shows."""
    outputs: list[Shown] = []

    def display(page: Any, *, display_id: bool) -> Shown:
        assert display_id
        outputs.append(Shown(page))
        return outputs[-1]

    class Shell:
        kernel = object()

    ipython, shows = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = Shell  # type: ignore[attr-defined]
    shows.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shows)
    monkeypatch.setattr(progress, "_REDRAWN_SECONDS", -1.0)
    return outputs


def test_where_there_is_no_notebook(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_notebook()
    assert type(screen(launch, Manner())) is Lines
    assert isinstance(screen(launch, Manner(quiet=True)), NoScreen)


def test_a_terminal_of_ipythons_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    ipython = ModuleType("IPython")
    ipython.get_ipython = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert not in_notebook()


def test_in_a_notebook_one_output_is_redrawn(
    kernel: list[Shown], launch: Launch, ready: Any, open_parabola: Any
) -> None:
    stage: Stage = open_parabola(trials=5)
    shown = screen(launch, Manner())
    assert isinstance(shown, NotebookScreen)
    shown.start()
    shown.event(1, Loading("data <b>"))
    assert "loading data &lt;b&gt;" in kernel[0].html
    shown.event(1, ready(stage))
    shown.event(1, Ended(0, "failed", None, 0.1, error="ValueError: no"))
    shown.standing(StageReader(stage.study).look())
    for word in ("parabola/search", "trial 0 failed", "0 of 5 trials", "worker 2"):
        assert word in kernel[0].html
    assert "s3cret" not in kernel[0].html
    shown.draining(late=False)
    assert "interrupt again: at once" in kernel[0].html
    shown.stop()
    assert "0 of 5 trials" in kernel[0].html
    assert "worker 2" not in kernel[0].html
    assert len(kernel) == 1
    assert not repr(kernel[0].pages[-1])
