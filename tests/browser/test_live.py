"""While a search runs, pages that are open change by themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.processes.home import Home

from .dashboards import STORAGE, Dashboard

pytestmark = pytest.mark.processes

# More than are trained while somebody looks.
_TRIALS = "400"


@pytest.fixture
def searched(tmp_path: Path) -> Iterator[Home]:
    """A folder in which a search of some seconds has begun."""
    folder = tmp_path / "home"
    folder.mkdir()
    home = Home(folder, Path(__file__).parents[1] / "end_to_end" / "studies")
    words = ("--trials", _TRIALS, "--workers", "1", "-q")
    running = home.start("run", home.study("slow"), *STORAGE, *words)
    running.until(lambda: home.stored().trained, "a trial is trained")
    yield home
    home.clean_up()


def test_an_open_front_page_and_an_open_note_change(
    searched: Home, context: BrowserContext
) -> None:
    dashboard = Dashboard.start(searched)
    front, note = context.new_page(), context.new_page()
    front.goto(dashboard())
    note.goto(dashboard("/dashboard/studies/1/note"))
    seen = [
        front.locator("article .progress span"),
        note.locator("li", has_text=f"of {_TRIALS} trials trained"),
    ]
    before = [text.inner_text() for text in seen]
    for text, told in zip(seen, before, strict=True):
        expect(text).not_to_have_text(told, use_inner_text=True)
    expect(front.locator("article").get_by_text("running", exact=True)).to_be_visible()
