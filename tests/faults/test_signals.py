"""Workers are stopped, continued and asked to end, by a machine that doesn't ask them first."""

import os
import signal
import time

import psutil
import pytest

from .fleet import EPOCHS, GRACE_SECONDS, HEARTBEAT_SECONDS, codes, go_on, pause
from .kinds import case, on

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("place", "host"),
    [
        case("postgresql", "", name="same_host"),
        case("postgresql", "elsewhere", name="another_host", always=False),
        case("sqlite", "elsewhere", name="another_host", always=False),
        case("sqlite", "", name="same_host", always=False),
        case("mariadb", "", name="same_host", always=False),
        case("mariadb", "elsewhere", name="another_host", always=False),
    ],
    indirect=["place"],
)
def test_stopped_for_longer_than_the_grace(fleet, place, host, until):
    """It is taken for dead; when it wakes up it drops its trial and goes on with the next."""
    fleet = fleet(place, trials=6, seconds=2)
    sleeper, other = fleet.work(env={"FAULT_HOST": host}), fleet.work()
    lost = fleet.until_training(2)[sleeper.pid]
    pause(sleeper.pid)
    until(lambda: fleet.stored.ended("lost") == [lost], "it is taken for dead")
    last = [line for line in fleet.lines() if line.pid == sleeper.pid][-1]
    assert 0 <= last.epoch < EPOCHS - 1
    assert time.monotonic() - last.at > GRACE_SECONDS - HEARTBEAT_SECONDS
    go_on(sleeper.pid)
    assert codes([sleeper, other]) == [0, 0]
    assert fleet.check_complete() == [lost]
    # It doesn't train on for nothing, and trains others after it.
    after = [line for line in fleet.lines() if line.pid == sleeper.pid and line.at > last.at]
    assert len([line for line in after if line.trial == lost]) <= 2
    assert [line for line in after if line.what == "ends"]


@on("mariadb", also=("sqlite", "postgresql"))
def test_stopped_for_less_than_the_grace(fleet, place):
    """Nothing happens but a pause."""
    fleet = fleet(place, trials=4, seconds=1)
    sleeper, other = fleet.work(), fleet.work()
    fleet.until_training(2)
    pause(sleeper.pid)
    time.sleep(GRACE_SECONDS / 3)
    go_on(sleeper.pid)
    assert codes([sleeper, other]) == [0, 0]
    assert fleet.check_complete() == []


@on("sqlite")
@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        signal.SIGUSR2,
        pytest.param(signal.SIGUSR1, marks=pytest.mark.faults),
        pytest.param(signal.SIGINT, marks=pytest.mark.faults),
    ],
    ids=lambda number: number.name,
)
def test_asked_to_end(fleet, place, number):
    """It hands its trial back within an epoch, and says that work is left."""
    fleet = fleet(place, trials=2, seconds=1)
    worker = fleet.work()
    handed_back = fleet.until_training()[worker.pid]
    asked = time.monotonic()
    worker.process.send_signal(number)
    assert codes([worker]) == [75]
    assert time.monotonic() - asked < 30
    assert fleet.stored.ended("interrupted") == [handed_back]
    assert 0 < fleet.wasted() < EPOCHS
    assert codes([fleet.work()]) == [0]
    assert fleet.check_complete() == [handed_back]


@on("sqlite")
def test_asked_to_end_when_nothing_is_left(fleet, place):
    """The last epoch of the last trial isn't thrown away: 0, as nothing is left."""
    fleet = fleet(place, trials=1, seconds=1, epochs=1)
    worker = fleet.work()
    # The only epoch is in training; it is reported when the worker has been asked to end.
    while not fleet.lines():
        assert worker.process.poll() is None
    worker.process.send_signal(signal.SIGTERM)
    assert codes([worker]) == [0]
    assert fleet.check_complete() == []


@on("sqlite")
def test_interrupted_as_a_shells_background_job(fleet, place, until):
    """Shells let those ignore SIGINT, unless a program says otherwise."""
    fleet = fleet(place, trials=2, seconds=1)
    said = fleet.home.folder.parent / "code"
    shell = fleet.work(prefix=("sh", "-c", f'"$@" & wait $!; echo $? > {said}', "sh"))
    ((pid, handed_back),) = fleet.until_training().items()
    assert pid != shell.pid
    assert "python" in psutil.Process(pid).name()
    os.kill(pid, signal.SIGINT)
    assert codes([shell]) == [0]
    assert said.read_text() == "75\n"
    assert codes([fleet.work()]) == [0]
    assert fleet.check_complete() == [handed_back]
