"""The database goes away for a while, in every phase of a worker's life, and nothing is lost."""

import re
import time
from itertools import pairwise

import pytest
from tests.processes.waiting import wait_until

from .fleet import ASKED, ASKING, REPORTING, TELLING, Fleet, codes, kill
from .kinds import case, on

pytestmark = pytest.mark.processes

SHORT, LONG, VERY_LONG = 2, 20, 90


def away(kind: str, seconds: int, *, crashed: bool = False, always: bool = True):
    """A kind of server that is away for so long."""
    name = f"{seconds}s{'-crashed' if crashed else ''}"
    return case(kind, seconds, crashed, name=name, always=always)


OUTAGE = ("place", "seconds", "at_once")


def longest_pause(fleet: Fleet, pid: int) -> float:
    """The longest time in seconds between two lines of a worker's."""
    times = [line.at for line in fleet.lines() if line.pid == pid]
    return max(after - before for before, after in pairwise(times))


def check_said(text: str, seconds: float) -> None:
    """A line when it begins and one when it is over; none need be said of what is over at once."""
    began = text.count("the database doesn't answer; waiting for it")
    ended = re.findall(r"the database answers again, after .*", text)
    assert began == len(ended) == 1 or (began == len(ended) == 0 and seconds < LONG), text


@pytest.mark.parametrize(
    OUTAGE,
    [
        away("mariadb", SHORT, crashed=True),
        away("postgresql", LONG, crashed=True),
        away("postgresql", SHORT, always=False),
        away("postgresql", SHORT, crashed=True, always=False),
        away("mariadb", SHORT, always=False),
        away("mariadb", LONG, always=False),
        away("postgresql", VERY_LONG, always=False),
        away("mariadb", VERY_LONG, crashed=True, always=False),
    ],
    indirect=["place"],
)
def test_while_asking_training_and_telling(fleet, place, seconds, at_once):
    """One worker in each phase; the outage is the same for all of them."""
    fleet = fleet(place, trials=6, seconds=0.3)
    told, asked = fleet.halt(TELLING), fleet.halt(ASKING)
    trainer = fleet.work(env={"FAULT_SECONDS": "5"})
    fleet.until_training(1)
    teller = fleet.work(halt=told)
    assert told.reached() == teller.pid
    asker = fleet.work(halt=asked)
    assert asked.reached() == asker.pid
    assert fleet.stored.count("RUNNING") == 2
    assert trainer.pid in fleet.until_training(1)
    fleet.place.server.stop(at_once=at_once)
    told.release()
    asked.release()
    time.sleep(seconds)
    assert [each.process.poll() for each in (trainer, teller, asker)] == [None] * 3
    assert not [line for line in fleet.lines() if line.pid == asker.pid]
    fleet.place.server.start()
    assert codes([trainer, teller, asker]) == [0, 0, 0]
    assert fleet.check_complete() == []  # an outage is nobody's death
    assert longest_pause(fleet, trainer.pid) > seconds - 1
    for each in (trainer, teller, asker):
        check_said(each.out + each.err, seconds)


@pytest.mark.parametrize(
    OUTAGE,
    [
        away("postgresql", SHORT),
        away("mariadb", SHORT, always=False),
        away("postgresql", LONG, always=False),
        away("mariadb", LONG, always=False),
    ],
    indirect=["place"],
)
def test_while_idle(fleet, place, seconds, at_once):
    """A worker waits for the last trial, which another one trains."""
    fleet = fleet(place, trials=1, seconds=seconds + 8)
    trainer = fleet.work()
    fleet.until_training(1)
    idle = fleet.work()
    wait_until(lambda: "logged/search" in idle.out, "it has joined")
    fleet.place.server.restart_after(seconds, at_once=at_once)
    assert idle.process.poll() is None
    assert codes([trainer, idle]) == [0, 0]
    assert fleet.check_complete() == []
    assert {line.pid for line in fleet.lines()} == {trainer.pid}


@pytest.mark.parametrize(
    ("place", "statement"),
    [
        case("postgresql", ASKING, name="asking"),
        case("mariadb", TELLING, name="telling"),
        case("postgresql", ASKED, name="asked", always=False),
        case("postgresql", REPORTING, name="reporting", always=False),
        case("postgresql", TELLING, name="telling", always=False),
        case("mariadb", ASKING, name="asking", always=False),
        case("mariadb", ASKED, name="asked", always=False),
        case("mariadb", REPORTING, name="reporting", always=False),
    ],
    indirect=["place"],
)
def test_the_answer_to_a_commit_is_lost(fleet, place, statement):
    """It was carried out, and the worker can't know: nothing is done twice."""
    fleet = fleet(place, trials=2, seconds=0.2)
    lost = fleet.unanswered(statement)
    worker = fleet.work(halt=lost)
    assert lost.reached() == worker.pid
    assert codes([worker]) == [0]
    assert fleet.check_complete() == []
    assert fleet.stored.trials == 2


@on(also=("postgresql", "mariadb"))
def test_a_worker_that_dies_in_an_outage(fleet, place):
    fleet = fleet(place, trials=4, seconds=1)
    victim, other = fleet.work(), fleet.work()
    lost = fleet.until_training(2)[victim.pid]
    fleet.place.server.stop()
    kill(victim.pid)
    time.sleep(SHORT)
    fleet.place.server.start()
    assert codes([other]) == [0]
    assert fleet.check_complete() == [lost]


@on("mariadb", also=("postgresql",))
def test_a_run_goes_on(fleet, place):
    """`run` reads the database itself, to show what happens."""
    fleet = fleet(place, trials=6, seconds=1)
    run = fleet.run(2)
    fleet.until_training(2)
    fleet.place.server.restart_after(2 * SHORT)
    assert codes([run]) == [0]
    assert fleet.check_complete() == []


@on("postgresql", also=("mariadb",))
def test_a_worker_waits_for_a_database_that_is_not_there_yet(fleet, place):
    fleet = fleet(place, trials=2, seconds=0.1)
    fleet.place.server.stop()
    worker = fleet.work()
    wait_until(lambda: "the database doesn't answer" in worker.out, "it says that it waits")
    assert worker.process.poll() is None
    fleet.place.server.start()
    assert codes([worker]) == [0]
    assert fleet.check_complete() == []


@on("installed_postgresql")
def test_the_systems_postgresql(fleet, place):
    """Not only the one that pip brings."""
    fleet = fleet(place, trials=4, seconds=1)
    workers = [fleet.work(), fleet.work()]
    fleet.until_training(2)
    fleet.place.server.restart_after(SHORT)
    assert codes(workers) == [0, 0]
    assert fleet.check_complete() == []
