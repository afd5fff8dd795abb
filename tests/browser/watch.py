"""What a browser's pages say on the console and whom they ask, so that a test may fail of it."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

_SERIOUS = ("error", "warning")
# What says nothing about a page: without a graphics card, Chromium complains of itself whenever
# optuna-dashboard's plots read back what they drew.
_NOISE = re.compile(r"^\[\.WebGL-0x[0-9a-f]+\]GL Driver Message \(OpenGL, Performance, ")


@dataclass
class Watch:
    """Hears what the pages of a context say, and sees whom they ask.

    Attributes:
        hosts: Who may be asked.
        said: The errors and warnings, of the browser's own and of scripts.
        asked: The addresses that were asked for.
    """

    hosts: set[str] = field(default_factory=lambda: {"127.0.0.1"})
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _expected: dict[str, str] = field(default_factory=dict)

    def over(self, context: BrowserContext) -> None:
        """Watch all of a context's pages, those that it opens later included."""
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("request", self._see)

    def expect(self, pattern: str, why: str) -> None:
        """What a page will say, to the letter or as an expression; it must."""
        self._expected[pattern] = why

    def check(self) -> None:
        """Fail where something was said or asked that nobody expected, or not said what was."""
        unexpected = [
            line
            for line in self.said
            if not any(re.search(pattern, line) for pattern in self._expected)
        ]
        missing = [
            f"{pattern} ({why})"
            for pattern, why in self._expected.items()
            if not any(re.search(pattern, line) for line in self.said)
        ]
        assert not unexpected, "said on the console:\n" + "\n".join(unexpected)
        assert not missing, f"not said on the console: {missing}; but: {self.said}"
        assert not self.strangers(), f"asked other hosts: {self.strangers()}"

    def strangers(self) -> list[str]:
        """What was asked of other hosts."""
        return [url for url in self.asked if urlsplit(url).hostname not in self.hosts]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in _SERIOUS and not _NOISE.match(message.text):
            page = message.page.url if message.page else "?"
            self.said.append(f"{page}: {message.text} [{message.location.get('url', '')}]")

    def _catch(self, error: WebError) -> None:
        self.said.append(f"uncaught: {error.error}")

    def _see(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss"):
            self.asked.append(request.url)
