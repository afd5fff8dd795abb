"""examples/ray_workers.py with a real Ray of this machine, where Ray is installed (214 MB: it isn't
among the test's packages)."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from optisearch.address import Address

from .checks import ROOT

pytest.importorskip("ray", reason="Ray isn't installed: pip install ray, to run its example")
pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]

TRIALS = 16
SECONDS = 240  # Ray alone takes its time on a busy machine to start
# Long enough that a worker can be killed while it trains.
STUDY = '''"""Slope: climbs, slowly."""
import time
from dataclasses import dataclass
from optisearch import Study, real

@dataclass(frozen=True)
class Slope:
    x: float = real(0.0, 1.0, baseline=0.5)

def train(hp, _data, run):
    for epoch in range(5):
        time.sleep(0.1)
        run.report(epoch, {"height": hp.x * epoch})

study = Study(name="slope", space=Slope, train=train, maximize="height")
'''


def start(address: Address, *arguments: object) -> subprocess.Popen[str]:
    environment = {name: each for name, each in os.environ.items() if name != "RAY_ADDRESS"}
    return subprocess.Popen(
        [sys.executable, ROOT / "examples" / "ray_workers.py", *map(str, arguments)],
        env={**environment, "OPTISEARCH_STORAGE": address.text, "RAY_DEDUP_LOGS": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def workers(example: psutil.Process) -> Iterator[psutil.Process]:
    """The processes that Ray's tasks started."""
    for process in example.children(recursive=True):
        try:
            if process.cmdline()[1:4] == ["-m", "optisearch", "work"]:
                yield process
        except psutil.NoSuchProcess:
            continue


@pytest.mark.parametrize("victim", ["the worker", "Ray's process"])
def test_a_killed_worker_comes_back(victim: str, sqlite: Address, tmp_path: Path) -> None:
    study = tmp_path / "slope.py"
    study.write_text(STUDY)
    example = start(sqlite, 2, study, "--trials", TRIALS, "--pruner", "none")
    deadline = time.monotonic() + SECONDS
    while not (found := trained(sqlite)):
        assert example.poll() is None, example.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    killed = next(workers(psutil.Process(example.pid)))
    (killed if victim == "the worker" else killed.parent()).kill()
    said, _ = example.communicate(timeout=SECONDS)
    assert example.returncode == 0, said
    assert found < TRIALS
    assert trained(sqlite) == TRIALS
    assert said.count("loading the study file") >= 3, "two began, and one in place of the killed"


def trained(address: Address) -> int:
    with contextlib.suppress(sqlite3.OperationalError):  # it, or its table, isn't there yet
        with contextlib.closing(sqlite3.connect(f"file:{address.path}?mode=ro", uri=True)) as file:
            query = "SELECT COUNT(*) FROM trials WHERE state = 'COMPLETE'"
            return int(file.execute(query).fetchone()[0])
    return 0


def test_a_mistake_is_not_tried_again(sqlite: Address) -> None:
    example = start(sqlite, 1, "studies/none.py")
    said, _ = example.communicate(timeout=SECONDS)
    assert example.returncode == 2, said
    assert said.count("error: ") == 1
