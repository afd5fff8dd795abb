"""The budget is exact, however many workers end their trials at the same moment."""

import os

import pytest

from .fleet import codes
from .kinds import on

pytestmark = pytest.mark.processes
REPEATS = range(int(os.environ.get("OPTISEARCH_TEST_REPEATS", "1")))
TRIALS, WORKERS = 100, 8


@on("postgresql", "mariadb", also=("sqlite",))
@pytest.mark.parametrize("repeat", REPEATS)
def test_eight_workers_a_hundred_trials_of_no_time(fleet, place, until, repeat):
    fleet = fleet(place, trials=TRIALS, seconds=0, epochs=1)
    barrier = fleet.home.folder.parent / "barrier"
    workers = [fleet.work(env={"FAULT_BARRIER": str(barrier)}) for _ in range(WORKERS)]
    until(lambda: len(list(barrier.parent.glob("barrier-*"))) == WORKERS, "all are at the start")
    barrier.touch()
    assert codes(workers) == [0] * WORKERS
    assert fleet.check_complete() == []
    assert fleet.stored.trials == TRIALS
    assert len({line.pid for line in fleet.lines()}) > WORKERS / 2
