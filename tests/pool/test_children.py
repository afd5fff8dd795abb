"""Real worker processes: heard, told, killed."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.processes.waiting import wait_until

from optisearch.address import Address
from optisearch.events import Ended, Leaving, Loading, Metered, Ready, Refused, Warm
from optisearch.job import Job
from optisearch.pool.children import Children, Exited, Said
from optisearch.pool.layout import Layout
from optisearch.settings import Wishes

pytestmark = pytest.mark.processes


def job(path: Path, address: Address, **wishes: Any) -> Job:
    return Job(path, address, Wishes(**{"sampler": "random", "pruner": "none"} | wishes))


@pytest.fixture
def workers(parabola_file: Path, sqlite: Address) -> Iterator[Children]:
    children = Children(job(parabola_file, sqlite, trials=4), Layout(1, 1).environment)
    yield children
    children.end(0)


def heard(children: Children, kind: type) -> Any:
    """The next event, line or end of that kind."""
    while True:
        news = children.news.get(timeout=60)
        said = news.event if isinstance(news, Said) else news
        if isinstance(said, kind):
            return said


def rest(children: Children, code: int = 0) -> list[Any]:
    """All events until the one worker exits."""
    said = []
    while not isinstance(news := children.news.get(timeout=60), Exited):
        if isinstance(news, Said):
            said.append(news.event)
    assert news.code == code
    return said


def test_a_leader_does_everything(workers: Children) -> None:
    leader = workers.start(1, leads=True)
    said = rest(workers)
    assert isinstance(said[0], Loading)
    assert [event.number for event in said if isinstance(event, Ended)] == [0, 1, 2, 3]
    assert said[-1] == Leaving("done")
    assert not leader.is_alive()
    assert workers.alive() == []


def test_a_follower_waits_until_it_may_go(workers: Children) -> None:
    workers.start(1, leads=True)
    assert rest(workers)[-1] == Leaving("done")
    workers.start(2, leads=False)
    heard(workers, Loading)
    with pytest.raises(queue.Empty):
        while not isinstance(workers.news.get(timeout=1), Exited):
            pass
    assert len(workers.alive()) == 1
    workers.go()
    said = rest(workers)
    assert isinstance(said[0], Ready)
    assert said[0].trained == 4


def test_one_that_is_told_to_drain_before_it_goes_trains_nothing(workers: Children) -> None:
    workers.start(2, leads=False)
    workers.drain()
    assert not [said for said in rest(workers, 75) if isinstance(said, Ready | Ended)]


def test_a_killed_worker_is_heard_of(workers: Children) -> None:
    worker = workers.start(2, leads=False)
    heard(workers, Loading)
    worker.kill()
    assert heard(workers, Exited).code == -9
    worker.tell("go")  # nobody hears it, and nothing happens


def test_one_that_has_ended_is_over_only_when_its_end_can_be_heard(workers: Children) -> None:
    worker = workers.start(2, leads=False)
    heard(workers, Loading)
    held = threading.Event()
    put = workers.news.put

    def late(news: Any) -> None:
        held.wait()
        put(news)

    worker._news = SimpleNamespace(put=late)  # type: ignore[assignment]
    worker.kill()
    assert worker.wait(10)
    assert not workers.are_silent()
    held.set()
    assert heard(workers, Exited).code == -9
    wait_until(workers.are_silent, "the worker is over")


def test_a_meter_trains_from_go_to_drain_and_opens_no_database(
    workers: Children, sqlite: Address
) -> None:
    workers.meter(1)
    assert heard(workers, Warm) == Warm(None)
    workers.go()
    workers.drain()
    said = rest(workers)
    assert isinstance(said[-1], Metered)
    assert said[-1].epochs > 0
    assert sqlite.path is not None
    assert not sqlite.path.exists()


@pytest.mark.parametrize("warm", [False, True])
def test_a_meter_ends_with_the_process_that_started_it(workers: Children, warm: bool) -> None:
    worker = workers.meter(1)
    heard(workers, Warm if warm else Loading)
    worker.tell("go")
    assert worker._process.stdin is not None
    worker._process.stdin.close()
    rest(workers)


def test_what_a_study_prints_and_raises_is_told(tmp_path: Path, sqlite: Address) -> None:
    file = tmp_path / "loud.py"
    file.write_text("print('loud')\n1 / 0\n")
    children = Children(job(file, sqlite), Layout(1, 1).environment)
    worker = children.start(1, leads=True)
    *_, refused = rest(children, 2)
    assert isinstance(refused, Refused)
    assert "ZeroDivisionError" in refused.message
    assert refused.exit_code == 2
    assert "loud" in worker.tail
    assert not [name for name in tmp_path.iterdir() if name.suffix == ".db"]


def test_no_password_is_on_the_command_line(parabola_file: Path) -> None:
    from optisearch.address import parse

    work = job(parabola_file, parse("postgresql://ann:s3cret@db/x"), trials=3, seed=0)
    assert not [word for word in work.arguments() if "s3cret" in word]
    assert work.environment() == {"OPTISEARCH_STORAGE": "postgresql://ann:s3cret@db/x"}
