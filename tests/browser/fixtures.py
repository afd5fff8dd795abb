"""A real browser: the system's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.servers.skipping import not_tested

from .watch import Watch

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# A foreign page may lead its name anywhere. Any other name can't be reached, nor the outside.
REBOUND = "rebind.test"
_NAMES_LEAD = f"MAP {REBOUND} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# Generous: the machine may be slow and busy.
_PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for a module: as long as Playwright runs, no test can have an event loop."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        not_tested("there is no Chromium; have the system install it (Debian: chromium)")
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[f"--host-resolver-rules={_NAMES_LEAD}", "--disable-quic"],
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, watch: Watch) -> Iterator[BrowserContext]:
    """A browser's window that knows nobody yet; the test fails of what `watch` doesn't expect."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(_PATIENCE_MS)
    watch.over(context)
    yield context
    context.close()
    watch.check()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
