"""The clock of one worker is an hour off: it takes nobody for dead, and nobody takes it."""

from datetime import timedelta

import pytest

from .fleet import GRACE_SECONDS, codes, kill
from .kinds import case, on

pytestmark = pytest.mark.processes
HOUR = 3600


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        case("postgresql", HOUR, name="ahead"),
        case("sqlite", -HOUR, name="behind", always=False),
        case("postgresql", -HOUR, name="behind", always=False),
        case("sqlite", HOUR, name="ahead", always=False),
        case("mariadb", HOUR, name="ahead", always=False),
        case("mariadb", -HOUR, name="behind", always=False),
    ],
    indirect=["place"],
)
def test_nobody_is_taken_for_dead(fleet, place, wrong):
    fleet = fleet(place, trials=4, seconds=GRACE_SECONDS + 1)
    workers = [fleet.work(env={"FAULT_CLOCK": str(wrong), "FAULT_HOST": "elsewhere"}), fleet.work()]
    fleet.until_training(2)
    assert codes(workers) == [0, 0]
    assert fleet.check_complete() == []
    trials = fleet.stored.load("logged/search").trials
    by = {trial.user_attrs["worker"] for trial in trials}
    assert len(by) == 2
    if fleet.place.server is not None:  # a file has no clock of its own
        began = [trial.datetime_start for trial in trials]
        assert max(began) - min(began) < timedelta(minutes=10)
    for trial in trials:
        assert timedelta(0) < trial.duration < timedelta(minutes=10)


@on("postgresql")
@pytest.mark.parametrize(
    "wrong", [-HOUR, pytest.param(HOUR, marks=pytest.mark.faults)], ids=["behind", "ahead"]
)
def test_the_dead_are_found_all_the_same(fleet, place, wrong):
    fleet = fleet(place, trials=3, seconds=1)
    victim = fleet.work(env={"FAULT_CLOCK": str(wrong), "FAULT_HOST": "elsewhere"})
    other = fleet.work()
    lost = fleet.until_training(2)[victim.pid]
    kill(victim.pid)
    assert codes([other]) == [0]
    assert fleet.check_complete() == [lost]
