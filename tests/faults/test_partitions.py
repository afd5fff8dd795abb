"""A host is cut off from the others, by its network itself. Needs root: see `servers/network.py`."""

import time

import pytest
from tests.servers.postgresql import PostgreSQL

from .fleet import ASKING, GRACE_SECONDS, Place, codes, kill

pytestmark = [pytest.mark.processes, pytest.mark.postgresql]
CUT_SECONDS = 10


@pytest.fixture
def db(network, postgresql_template):
    """PostgreSQL on the host `db`."""
    host = network.db
    with PostgreSQL(postgresql_template, host=host.address, prefix=host.prefix) as server:
        yield server


@pytest.fixture
def fleet_on(fleet, db):
    return lambda **what: fleet(Place.on(db), **what)


@pytest.fixture
def work_on():
    """Starts a worker on a host. Its processes are this machine's all the same, hence the name."""
    return lambda fleet, host, env=None, **what: fleet.work(
        prefix=host.prefix, env={"FAULT_HOST": host.name} | (env or {}), **what
    )


def test_cut_off_for_a_while(fleet_on, work_on, network, until):
    """Its connections survive: it hears nothing, and then goes on, without the trial it lost."""
    fleet = fleet_on(trials=10, seconds=2)
    cut_off, other = work_on(fleet, network.h1), work_on(fleet, network.h2)
    lost = fleet.until_training(2)[cut_off.pid]
    network.cut_off(network.h1)
    began = time.monotonic()
    until(lambda: fleet.stored.ended("lost") == [lost], "it is taken for dead")
    assert time.monotonic() - began > GRACE_SECONDS - 1
    time.sleep(max(0.0, CUT_SECONDS - (time.monotonic() - began)))
    assert cut_off.process.poll() is None
    network.join(network.h1)
    joined = time.monotonic()
    assert codes([cut_off, other]) == [0, 0]
    assert fleet.check_complete() == [lost]
    owners = {trial.user_attrs["worker"] for trial in fleet.stored.load("logged/search").trials}
    assert {owner.partition(":")[0] for owner in owners} == {"h1", "h2"}
    assert [line for line in fleet.lines() if line.pid == cut_off.pid and line.at > joined]


@pytest.mark.faults
def test_cut_off_for_good(fleet_on, work_on, network, db):
    """The others do its work, and the server forgets it."""
    fleet = fleet_on(trials=4, seconds=1)
    cut_off, other = work_on(fleet, network.h1), work_on(fleet, network.h2)
    lost = fleet.until_training(2)[cut_off.pid]
    network.cut_off(network.h1)
    assert codes([other]) == [0]
    assert cut_off.process.poll() is None
    assert fleet.check_complete() == [lost]


def test_vanished_with_the_lock(fleet_on, work_on, network, db):
    """Neither the host nor its connection ends, as far as the server can see at once."""
    fleet = fleet_on(trials=3, seconds=0.2)
    halt = fleet.halt(ASKING)
    vanished = work_on(fleet, network.h1, halt=halt)
    assert halt.reached() == vanished.pid
    network.cut_off(network.h1)
    kill(vanished.pid)  # nobody hears of it
    held = "SELECT state FROM pg_stat_activity WHERE client_addr = '10.77.0.11'"
    assert ("idle in transaction",) in db.rows(held)
    began = time.monotonic()
    assert codes([work_on(fleet, network.h2)]) == [0]
    assert 10 < time.monotonic() - began < 60
    assert fleet.check_complete() == []


@pytest.mark.parametrize("percent", [5, pytest.param(20, marks=pytest.mark.faults)])
def test_packets_are_lost(fleet_on, work_on, network, percent):
    """Each way: of 20 %, of ten questions four go without an answer. The network asks again."""
    fleet = fleet_on(trials=3, seconds=0.5)
    # The tables are made by another: that takes hundreds of questions.
    other = work_on(fleet, network.h2, env={"FAULT_SECONDS": str(2 * percent)})
    fleet.until_training()
    network.h1.lose(percent)
    lossy = work_on(fleet, network.h1)
    assert codes([lossy, other]) == [0, 0]
    # Heartbeats may come too late: then the trial is another's, and none is told twice.
    fleet.check_complete()
    assert lossy.pid in {line.pid for line in fleet.lines()}
