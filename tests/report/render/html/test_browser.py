"""The page in a real browser: no request, no word on the console, every figure drawn."""

import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from optisearch.report import Report, report
from optisearch.report.render import to_text
from optisearch.results import StageResults

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        BROWSER is None, reason="no Chromium on this machine: the page wasn't opened"
    ),
]


class Served:
    """A folder's web server that remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args: object) -> None:
                super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

            def do_GET(self) -> None:
                asked.append(self.path)
                super().do_GET()

            def log_message(self, *args: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    site = tmp_path / "site"
    site.mkdir()
    server = Served(site)
    yield server
    server.server.shutdown()
    server.server.server_close()


def opened(address: str, tmp_path: Path, width: int = 1000) -> tuple[str, str]:
    """The document after a while, and what was said on the console."""
    command = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        # Whatever isn't on this machine can't be reached.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--window-size={width},800",
        "--virtual-time-budget=30000",
        "--enable-logging=stderr",
        "--v=0",
        "--dump-dom",
        address,
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    console = "\n".join(line for line in run.stderr.splitlines() if "CONSOLE" in line)
    return run.stdout, console


@pytest.mark.parametrize("theme", ["", "#dark"])
def test_every_figure_is_drawn_without_a_word_or_request(
    drawn_report: Report, tmp_path: Path, served: Served, theme: str
) -> None:
    count = len(drawn_report.sections[0].figures)
    (tmp_path / "site/page.html").write_text(to_text(drawn_report, "html"), encoding="utf-8")
    document, console = opened(f"{served.address}/page.html{theme}", tmp_path)
    assert console == ""
    assert served.asked == ["/page.html"]
    assert f'data-figures="{count}"' in document
    assert document.count("plot drawn js-plotly-plot") == count
    # Text is light on dark paper.
    fill = re.search(r"class=\"xtick\"><text[^>]*fill: rgb\((\d+)", document)
    assert fill is not None
    assert (int(fill[1]) > 128) == bool(theme)


def test_a_search_from_a_file(searched: StageResults, tmp_path: Path) -> None:
    told = report(searched)
    file = tmp_path / "report.html"
    file.write_text(to_text(told, "html"), encoding="utf-8")
    document, console = opened(file.as_uri(), tmp_path)
    assert console == ""
    assert f'data-figures="{sum(len(section.figures) for section in told.sections)}"' in document


def test_the_console_is_listened_to(tmp_path: Path, served: Served) -> None:
    text = "<script>console.error('heard'); fetch('/else')</script>"
    (tmp_path / "site/page.html").write_text(text)
    _, console = opened(f"{served.address}/page.html", tmp_path)
    assert "heard" in console
    assert "/else" in served.asked
