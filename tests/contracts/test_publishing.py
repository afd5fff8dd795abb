"""Publishing where many contend for it: whole or not at all, and never by nobody for long."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from optuna_dashboard._custom_plot_data import get_plotly_graph_objects
from optuna_dashboard._note import get_note_from_system_attrs
from tests.processes.waiting import wait_until

from optisearch import record
from optisearch.address import Address
from optisearch.lease import Owner
from optisearch.publishing import merging, prepare, publisher, store
from optisearch.reading import read_stage
from optisearch.stage import Stage
from optisearch.storage import attributes, open_database

WORKERS = 8
HANDED_OVER_SECONDS = 30
_ENDED = re.compile(r'"trials":(\d+)\}')


@dataclass
class Reader:
    """Somebody who looks at the study in optuna-dashboard, again and again.

    Attributes:
        stage: What is looked at.
        seen: From how many trials what was seen was, each number once.
        looks: How often it has looked.
    """

    stage: Stage
    seen: list[int] = field(default_factory=list)
    looks: int = 0

    def look(self) -> int:
        """From how many trials what is shown is. It is whole."""
        stored = self.stage.database.storage.get_study_system_attrs(self.stage.study._study_id)
        note = get_note_from_system_attrs(stored, None)["body"]
        figures = get_plotly_graph_objects(stored)
        self.looks += 1
        if record.PUBLISHED not in stored:
            assert not note
            assert not figures
            return 0
        ended = int(stored[record.PUBLISHED]["ended"])
        # The checksum of its last line holds for all lines.
        lines = note.split("\n")
        assert list(merging._ours(lines)) == [(0, len(lines))]
        assert f"from {ended:,} trial" in lines[-1]
        for figure in figures.values():
            assert _ENDED.findall(figure) == [str(ended)]
        if not self.seen or self.seen[-1] != ended:
            assert ended > (self.seen[-1] if self.seen else 0), "an older one took its place"
            self.seen.append(ended)
        return ended

    def publishes(self) -> dict[str, Any]:
        """Who has the turn."""
        study_id = self.stage.study._study_id
        keys = (record.PUBLISHER,)
        found = attributes.named(self.stage.database.storage, study_id, keys)
        return found.get(record.PUBLISHER, {})


@pytest.fixture
def reader(address: Address, open_parabola: Callable[..., Stage]) -> Reader:
    return Reader(open_parabola(open_database(address, create=True), trials=100_000))


Workers = list[subprocess.Popen[str]]


@pytest.fixture
def workers(address: Address, parabola_file: Path) -> Iterator[Callable[..., Workers]]:
    """Starts workers that contend to publish."""
    with ExitStack() as stack:

        def start(lease_seconds: float, spread_seconds: float) -> Workers:
            script = str(Path(__file__).with_name("publishing_worker.py"))
            given = (address.text, str(parabola_file), f"{lease_seconds}", f"{spread_seconds}")
            command, pipe = [sys.executable, script, *given], subprocess.PIPE
            started = [
                stack.enter_context(subprocess.Popen(command, stdin=pipe, text=True))
                for _ in range(WORKERS)
            ]
            for process in started:
                stack.callback(process.kill)
            return started

        yield start


@pytest.mark.processes
def test_a_reader_sees_it_whole_and_whoever_is_killed_is_followed_by_another(
    address: Address, reader: Reader, workers: Callable[..., Workers]
) -> None:
    lease, spread = publisher.LEASE_SECONDS, publisher.SPREAD_SECONDS
    if address.dialect != "postgresql":  # once with the defaults
        lease, spread = lease / 5, spread / 5
    started = workers(lease, spread)
    wait_until(lambda: reader.look() and len(reader.seen) > 2, "it is published again and again")
    first = reader.publishes()
    os.kill(Owner.from_stored(first["owner"]).pid, signal.SIGKILL)
    killed, before = time.monotonic(), reader.look()
    wait_until(lambda: reader.look() > before, "another one publishes", HANDED_OVER_SECONDS)
    took = time.monotonic() - killed
    assert reader.publishes()["token"] != first["token"]
    wait_until(lambda: reader.look() and len(reader.seen) > 5, "it goes on")
    print(f"handed over after {took:.1f} s; {reader.looks} looks at {len(reader.seen)} notes")
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
    wait_until(
        lambda: reader.look() >= 0 and all(each.poll() is not None for each in started),
        "all have ended",
    )
    # One was killed. The last of the others has published what came last.
    assert sorted(each.returncode for each in started) == [-signal.SIGKILL, *[0] * (WORKERS - 1)]
    trials = reader.stage.trials()
    assert reader.look() == sum(trial.state.is_finished() for trial in trials)
    assert reader.publishes() == {}


def test_whoever_writes_at_the_same_moment_what_is_seen_is_whole(
    address: Address, reader: Reader, open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    """As `report --publish` does, which waits for nobody's turn."""

    def publish(_: int) -> list[str]:
        stage = open_parabola(open_database(address, create=True, lock_wait_seconds=60))
        study_id, outcomes = stage.study._study_id, []
        for _ in range(10):
            trial = stage.take(owner)
            stage.study.tell(trial, 0.5)
            found = prepare(read_stage(stage.study), study_id)
            outcomes.append(store(stage.database, study_id, found, always=True))
        return outcomes

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(publish, each) for each in range(4)]
        wait_until(
            lambda: reader.look() >= 0 and all(future.done() for future in futures), "all is done"
        )
        outcomes = [outcome for future in futures for outcome in future.result()]
    assert set(outcomes) <= {"published", "newer"}
    assert outcomes.count("published") >= 10
    assert reader.look() == 40
