"""What a browser waits for is asked of a server, and told in a table."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import pages

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * 100)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), Handler).serve_forever()
"""


@pytest.mark.processes
def test_every_page_has_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("OURS", ("-c", SERVER)), ("PLAIN", ("-c", SERVER)), ("SIZES", (20,))):
        monkeypatch.setattr(pages, name, value)
    monkeypatch.setattr(pages, "_LATER_SECONDS", 0.0)
    monkeypatch.setattr(pages, "_PAUSE_SECONDS", 0.0)
    text = pages.run(quick=True)
    rows = [line.split(" | ")[:2] for line in text.splitlines() if line.startswith("| ")]
    assert ["| front page", "while trials land"] in rows
    assert ["| report", "first"] in rows
    assert ["| optuna-dashboard: a study", "later"] in rows
    assert len(rows) == 2 + 15


def test_a_server_that_doesn_t_start_is_not_waited_for() -> None:
    with pytest.raises(OSError), pages._served(("-c", "pass"), "x", "/"):
        pass


def test_the_goals_are_of_the_largest() -> None:
    times = {
        (what, when): [1900.0, 2100.0, 1000.0]
        for what in (pages.FRONT, pages.REPORT)
        for when in (pages.AGAIN, pages.LANDING)
    }
    found = list(pages._goals(times))
    assert len(found) == 4
    assert all(goal.is_met for goal in found)
