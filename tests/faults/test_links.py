"""The link between a worker and its database fails: for a while, for good, again and again.

A proxy stands for the network, so anybody can run these; `test_partitions.py` has the real thing.
"""

import time
from collections.abc import Callable, Iterator

import pytest
from tests.servers.proxy import Proxy

from .fleet import ASKING, GRACE_SECONDS, TELLING, Fleet, Place, codes, kill
from .kinds import case, on

pytestmark = pytest.mark.processes
CUT_SECONDS = 10


@pytest.fixture
def behind_a_proxy(
    fleet: Callable[..., Fleet], place: Place
) -> Iterator[Callable[..., tuple[Fleet, dict[str, str], Proxy]]]:
    """A fleet whose database is near, the environment of a worker behind a proxy, and that."""
    assert place.server is not None
    with Proxy(place.server.port) as proxy:
        far = {"OPTISEARCH_STORAGE": place.server.url(port=proxy.port), "FAULT_HOST": "elsewhere"}
        yield lambda **what: (fleet(place, **what), far, proxy)


@pytest.mark.parametrize(
    ("place", "phase"),
    [
        case(kind, phase, name=phase, always=False)
        for kind in ("postgresql", "mariadb")
        for phase in ("telling", "training", "asking")
    ],
    indirect=["place"],
)
def test_cut_for_a_while(behind_a_proxy, phase):
    """Connections are reset, new ones refused; nobody else works on the study."""
    fleet, far, proxy = behind_a_proxy(trials=3, seconds=1)
    halt = fleet.halt({"asking": ASKING, "telling": TELLING}.get(phase, "nothing at all"))
    worker = fleet.work(env=far, halt=halt)
    if phase == "training":
        fleet.until_training()
    else:
        assert halt.reached() == worker.pid
    before = len(fleet.lines())
    proxy.cut()
    halt.release()
    time.sleep(CUT_SECONDS)
    assert len(fleet.lines()) <= before + 1
    proxy.restore()
    assert codes([worker]) == [0]
    assert fleet.check_complete() == []


@on(also=("postgresql", "mariadb"))
def test_silent_for_longer_than_the_grace(behind_a_proxy, until):
    """It is taken for dead meanwhile; back again, it drops its trial and goes on with the next."""
    fleet, far, proxy = behind_a_proxy(trials=10, seconds=2)
    cut_off, near = fleet.work(env=far), fleet.work()
    lost = fleet.until_training(2)[cut_off.pid]
    proxy.silence()
    until(lambda: fleet.stored.ended("lost") == [lost], "it is taken for dead")
    gone = time.monotonic()
    proxy.restore()
    assert codes([cut_off, near]) == [0, 0]
    assert fleet.check_complete() == [lost]
    assert [line for line in fleet.lines() if line.pid == cut_off.pid and line.at > gone]


@on("postgresql", also=("mariadb",))
def test_silent_for_good(behind_a_proxy):
    """The others do its work."""
    fleet, far, proxy = behind_a_proxy(trials=5, seconds=1)
    cut_off, near = fleet.work(env=far), fleet.work()
    lost = fleet.until_training(2)[cut_off.pid]
    proxy.silence()
    began = time.monotonic()
    assert codes([near]) == [0]
    assert time.monotonic() - began > GRACE_SECONDS
    assert cut_off.process.poll() is None
    assert fleet.check_complete() == [lost]


@on(also=("postgresql", "mariadb"))
def test_silent_while_it_holds_the_lock(behind_a_proxy):
    """The others get it, because the server ends a transaction that stands still."""
    fleet, far, proxy = behind_a_proxy(trials=3, seconds=0.2)
    halt = fleet.halt(ASKING)
    cut_off = fleet.work(env=far, halt=halt)
    assert halt.reached() == cut_off.pid
    proxy.silence()
    halt.release()
    began = time.monotonic()
    assert codes([fleet.work()]) == [0]
    # `test_partitions.py` has the default suite's case of this.
    assert 10 < min(line.at for line in fleet.lines()) - began < 100
    assert fleet.check_complete() == []
    assert cut_off.pid not in {line.pid for line in fleet.lines()}
    kill(cut_off.pid)


@on("postgresql", also=("mariadb",))
def test_connections_break_again_and_again(behind_a_proxy):
    fleet, far, proxy = behind_a_proxy(trials=6, seconds=0.2)
    proxy.reset_every_bytes = 30_000
    assert codes([fleet.work(env=far), fleet.work(env=far)]) == [0, 0]
    assert proxy.resets > 2
    assert fleet.check_complete() == []


@on(also=("postgresql", "mariadb"))
def test_a_slow_link(behind_a_proxy):
    """As to another continent: a tenth of a second there and back."""
    fleet, far, proxy = behind_a_proxy(trials=1, seconds=0.1)
    proxy.delay_seconds = 0.05
    began = time.monotonic()
    assert codes([fleet.work(env=far)]) == [0]
    assert time.monotonic() - began > 5  # so it was there
    assert fleet.check_complete() == []
