"""The page in a real browser: no request, no word on the console, every figure drawn."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.fixtures import browser, context, page, watch
from tests.browser.watch import Watch

from optisearch.reading import StageResults
from optisearch.report import Report, report
from optisearch.report.render import to_text

__all__ = ["browser", "context", "page", "watch"]

pytestmark = pytest.mark.processes

# Of the first tick's label, by its theme.
_BRIGHTNESS = """() => Math.max(...getComputedStyle(document.querySelector(".xtick text")).fill
    .match(/\\d+/g).map(Number))"""


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Callable[[Report, str], None]:
    """Opens a report's page from a file, until every figure is drawn."""

    def open_page(told: Report, fragment: str = "") -> None:
        file = tmp_path / "report.html"
        file.write_text(to_text(told, "html"), encoding="utf-8")
        page.goto(file.as_uri() + fragment)
        count = sum(len(section.figures) for section in told.sections)
        assert count > 0
        expect(page.locator("html")).to_have_attribute("data-figures", str(count))
        expect(page.locator(".plot.drawn.js-plotly-plot")).to_have_count(count)

    return open_page


@pytest.mark.parametrize("theme", ["", "#dark"])
def test_every_figure_is_drawn_without_a_word_or_request(
    drawn_report: Report,
    opened: Callable[[Report, str], None],
    page: Page,
    watch: Watch,
    theme: str,
) -> None:
    opened(drawn_report, theme)
    # Text is light on dark paper.
    assert (page.evaluate(_BRIGHTNESS) > 128) == bool(theme)
    assert not watch.asked


def test_a_search(
    searched: StageResults, opened: Callable[[Report, str], None], watch: Watch
) -> None:
    opened(report(searched), "")
    assert not watch.asked
