"""A worker is killed with -9: in training, after it asked, in the middle of telling."""

import pytest

from .fleet import ASKED, EPOCHS, GRACE_SECONDS, TELLING, codes, kill
from .kinds import case, on

pytestmark = pytest.mark.processes

TRIALS = 4


@pytest.mark.parametrize(
    ("place", "host"),
    [
        case("sqlite", "", name="same_host"),
        case("postgresql", "elsewhere", name="another_host"),
        case("postgresql", "", name="same_host", always=False),
        case("sqlite", "elsewhere", name="another_host", always=False),
        case("mariadb", "", name="same_host", always=False),
        case("mariadb", "elsewhere", name="another_host", always=False),
    ],
    indirect=["place"],
)
def test_in_training(fleet, place, host):
    """Its trial comes back: at once where its process is seen to be gone, else after the grace."""
    fleet = fleet(place, trials=TRIALS, seconds=1)
    victim = fleet.work(env={"FAULT_HOST": host})
    other = fleet.work()
    lost = fleet.until_training(2)[victim.pid]
    kill(victim.pid)
    killed_at = max(line.at for line in fleet.lines() if line.pid == victim.pid)
    assert codes([other]) == [0]
    assert fleet.check_complete() == [lost]
    assert 0 < fleet.wasted() < EPOCHS
    (retry,) = [
        trial.number
        for trial in fleet.stored.load("logged/search").trials
        if trial.system_attrs.get("optisearch:retry_of") == lost
    ]
    began = min(line.at for line in fleet.lines() if line.trial == retry)
    assert not host or began - killed_at > GRACE_SECONDS - 1


@on("postgresql", also=("mariadb", "sqlite"))
def test_between_asking_and_the_first_heartbeat(fleet, place):
    """Nothing was trained, and nothing but the trial's row says that there was a worker."""
    fleet = fleet(place, trials=TRIALS, seconds=0.2)
    halt = fleet.halt(ASKED)
    # On another host, so that nobody sees that the process is gone; a heartbeat is a minute away.
    victim = fleet.work(halt=halt, env={"FAULT_HOST": "elsewhere"})
    assert halt.reached() == victim.pid
    assert fleet.stored.count("RUNNING") == 1
    assert fleet.lines() == []
    kill(victim.pid)
    assert fleet.stored.rows("SELECT trial_id FROM trial_heartbeats") == []
    assert codes([fleet.work()]) == [0]
    assert fleet.check_complete() == [0]


@pytest.mark.parametrize(
    ("place", "after"),
    [
        case("postgresql", True, name="before_the_commit"),
        case("mariadb", True, name="before_the_commit"),
        case("sqlite", True, name="before_the_commit", always=False),
        case("postgresql", False, name="before_the_state", always=False),
        case("mariadb", False, name="before_the_state", always=False),
        case("sqlite", False, name="before_the_state", always=False),
    ],
    indirect=["place"],
)
def test_inside_tell(fleet, place, after):
    """All was trained, and nobody was told: it is trained again."""
    fleet = fleet(place, trials=TRIALS, seconds=0.2)
    halt = fleet.halt(TELLING, after=after)
    victim = fleet.work(halt=halt)
    assert halt.reached() == victim.pid
    assert [line.what for line in fleet.lines()][-1] == "ends"
    kill(victim.pid)
    assert fleet.stored.count("RUNNING") == 1
    assert codes([fleet.work()]) == [0]
    assert fleet.check_complete() == [0]
    assert fleet.wasted() == EPOCHS
