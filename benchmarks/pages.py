"""The dashboard's pages at scale, beside plain optuna-dashboard

A search of `tests/studies/parabola.py` on SQLite with as many stored trials as the columns say,
each with 5 to 15 epochs; what a browser waits for, until the last byte, over HTTP on this machine:

- **ours**: `optisearch dashboard`, one process; its front page and the study's HTML report;
- **optuna-dashboard**: `optuna-dashboard URL`, as its documentation has it, one process; what its
  list of studies and a study's page ask for. Drawing that in the browser takes several times as
  long again; our pages are complete as they are sent;
- **optuna-dashboard within ours**: the same, asked of `optisearch dashboard`, which serves it too,
  over a storage that keeps what it has read.

First: the first request to a process that has just started. Again: the next ones. Later: after
optuna-dashboard's own cache has run out (10 s), as at each of the polls of an open page. While
trials land: half a second and a new trial before each request; ours may then be some seconds older
than the database, and says so.
"""

import socket
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import optuna

from benchmarks.markdown import Goal, goals, table
from benchmarks.measuring import Spread
from benchmarks.processes import note, start
from benchmarks.stored_trials import copied, fill

if TYPE_CHECKING:
    import subprocess

SIZES = (1_000, 10_000)
OURS = ("-m", "optisearch", "dashboard", "--storage")
PLAIN = ("-c", "from optuna_dashboard._cli import main; main()", "-q")
FRONT, CHANGED, REPORT = "front page", "front page, its changing part", "report"
LIST, STUDY = "optuna-dashboard: list of studies", "optuna-dashboard: a study"
WITHIN = "optuna-dashboard within ours: a study"
FIRST, AGAIN, LATER, LANDING = "first", "again", "later", "while trials land"
WANTED_SECONDS = 2
# How often each is asked again.
_AGAIN = 5
# optuna-dashboard reads a study's trials anew after 10 s.
_LATER_SECONDS, _PAUSE_SECONDS, _START_SECONDS = 10.5, 0.5, 60

Times = dict[tuple[str, str], list[float]]


def run(quick: bool) -> str:
    """Both tables; quick: 1,000 trials alone, in half a minute."""
    sizes, rounds = (SIZES[:1], 1) if quick else (SIZES, 3)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            file = Path(folder) / f"{size}.db"
            name = fill(file, size)
            times: Times = defaultdict(list)
            for number in range(rounds):
                note(f"pages: {size:,} trials, round {number + 1} of {rounds}")
                copy = copied(file, Path(folder) / f"{size}-{number}.db")
                _round(f"sqlite:///{copy}", name, times)
            found[size] = times
    header = ["milliseconds", "", *(f"{size:,} trials" for size in sizes)]
    rows = [
        [what, when, *(Spread.of(found[size][what, when]) for size in sizes)]
        for what, when in found[sizes[0]]
    ]
    tables = [f"Medians of {rounds} processes:", table(header, rows)]
    if not quick:
        tables.append(goals(_goals(found[SIZES[-1]])))
    return "\n\n".join(tables)


def _goals(times: Times) -> Iterator[Goal]:
    for what in (FRONT, REPORT):
        for when in (AGAIN, LANDING):
            seconds = [each / 1000 for each in times[what, when]]
            yield Goal(
                f"10,000 trials: {what}, {when}, seconds", WANTED_SECONDS, seconds, most=True
            )


def _round(url: str, name: str, times: Times) -> None:
    """One process of each, one after the other."""
    with _served(OURS, url, "/healthz") as address:
        pages = {FRONT: f"{address}/", REPORT: f"{address}/stages/{name}"}
        _asked(pages, FIRST, 1, times)
        _asked(pages | {CHANGED: f"{address}/live/front"}, AGAIN, _AGAIN, times)
        study = {WITHIN: f"{address}/api/studies/1"}
        _asked(study, FIRST, 1, times)
        _asked(study, AGAIN, _AGAIN, times)
        time.sleep(_LATER_SECONDS)
        _asked(study, LATER, 1, times)
        _asked(pages, LANDING, _AGAIN, times, _landing(url, name))
    with _served(PLAIN, url, "/api/meta") as address:
        studies = {LIST: f"{address}/api/studies", STUDY: f"{address}/api/studies/1"}
        _asked(studies, FIRST, 1, times)
        _asked(studies, AGAIN, _AGAIN, times)
        time.sleep(_LATER_SECONDS)
        _asked({STUDY: studies[STUDY]}, LATER, 1, times)


def _asked(
    pages: dict[str, str],
    when: str,
    often: int,
    times: Times,
    before: Callable[[], None] = lambda: None,
) -> None:
    for _ in range(often):
        for what, address in pages.items():
            before()
            began = time.perf_counter()
            request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
            with urllib.request.urlopen(request) as answer:
                answer.read()
            times[what, when].append(1000 * (time.perf_counter() - began))


def _landing(url: str, name: str) -> Callable[[], None]:
    study = optuna.load_study(study_name=name, storage=url)
    trial = study.trials[0]

    def land() -> None:
        time.sleep(_PAUSE_SECONDS)
        study.add_trial(trial)

    return land


@contextmanager
def _served(command: Sequence[str], url: str, ready: str) -> Iterator[str]:
    """A server, until it is no longer needed. Its address."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as output:
        process = start([*command, url, "--port", str(port)], {}, output)
        try:
            _wait(process, address + ready)
            yield address
        finally:
            process.terminate()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", address: str) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
