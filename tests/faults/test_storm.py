"""A weekend in a minute: workers are killed and stopped, the database goes away, all at once."""

import os
import random
import re
import time
from dataclasses import dataclass, field

import psutil
import pytest
from tests.processes.running import Running

from .fleet import GRACE_SECONDS, Fleet, go_on, is_alive, kill, pause
from .kinds import on

pytestmark = pytest.mark.processes
REPEATS = range(int(os.environ.get("OPTISEARCH_TEST_REPEATS", "1")))


@dataclass
class Storm:
    """Faults that strike a run until it has ended.

    Attributes:
        fleet: The workers.
        run: The run.
        chance: Chooses whom they strike.
        killed: Whom they killed.
        sleeper: Who was stopped past its grace.
    """

    fleet: Fleet
    run: Running
    chance: random.Random
    killed: list[int] = field(default_factory=list)
    sleeper: int = 0

    def workers(self) -> list[int]:
        """The run's workers."""
        return [child.pid for child in psutil.Process(self.run.pid).children() if is_alive(child)]

    def over(self) -> bool:
        return self.run.process.poll() is not None

    def strike(self) -> None:
        """Kill one of those in training.

        Those are spared whose trial has lost three workers already: what kills four is given up, as
        `test_deadly.py` has it, and chance alone would do that to one trial in some storms.
        """
        training = self.fleet.training()
        attempts = {trial: len(each) for each in self._attempts() for trial in each}
        victims = sorted(
            pid
            for pid in set(training) & set(self.workers()) - {self.sleeper}
            if attempts[training[pid]] <= 3
        )
        if victims:
            self.killed.append(self.chance.choice(victims))
            kill(self.killed[-1])

    def _attempts(self) -> list[set[int]]:
        """The numbers of the attempts at each trial: those of a trial have its seed."""
        found: dict[int, set[int]] = {}
        for line in self.fleet.lines():
            found.setdefault(line.seed, set()).add(line.trial)
        return list(found.values())

    def blow(self, seconds: float, every_seconds: float) -> None:
        """Strike every so many seconds, for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.over():
            began = time.monotonic()
            self.strike()
            time.sleep(max(0.0, every_seconds - (time.monotonic() - began)))


def check(storm: Storm, trials: int) -> None:
    """Exactly what was asked for, and a word about everything that happened."""
    fleet = storm.fleet
    result = storm.run.wait(300)
    assert result.code == 0, result
    undone = fleet.check_complete()
    assert fleet.stored.trained == trials
    print(
        f"{len(storm.killed)} killed, {len(undone)} attempts lost, {fleet.wasted()} epochs wasted"
    )
    ends = re.findall(r"ended unexpectedly \((-?\d+)\)", result.out)
    assert ends == ["-9"] * len(ends)  # nobody crashed but those who were killed
    assert "Traceback" not in result.out + result.err
    # Who was struck in training, had a trial, and lost it; the sleeper too.
    assert len(undone) >= len(storm.killed) * 0.8
    told = fleet.status()
    for number in undone:
        assert re.search(rf"(?<!\d){number}(?!\d)", told), told
    # The sleeper went on, and trained trials after the one that it lost.
    assert storm.sleeper not in storm.killed
    slept = [line.trial for line in fleet.lines() if line.pid == storm.sleeper]
    assert len(set(slept)) > 1


def storm_over(fleet: Fleet, workers: int, seed: int) -> Storm:
    storm = Storm(fleet, fleet.run(workers), random.Random(seed))
    print(f"seed {seed}")
    fleet.until_training(workers)
    return storm


def sleep_past_the_grace(storm: Storm, every_seconds: float) -> None:
    """Stop a worker, while the storm goes on, and let it go on."""
    storm.sleeper = storm.chance.choice(sorted(storm.fleet.until_training()))
    pause(storm.sleeper)
    storm.blow(GRACE_SECONDS + 3, every_seconds)
    go_on(storm.sleeper)


@on("postgresql")
def test_a_small_one(fleet, place):
    fleet = fleet(place, trials=24, seconds=1)
    storm = storm_over(fleet, 3, seed=0)
    sleep_past_the_grace(storm, 2)
    fleet.place.server.stop()
    storm.blow(4, 2)
    fleet.place.server.start()
    storm.blow(6, 2)
    assert len(storm.killed) >= 3
    check(storm, 24)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("repeat", REPEATS)
@on(also=("postgresql", "mariadb", "sqlite"))
def test_the_whole(fleet, place, repeat):
    """Done when 1: 6 workers, 120 trials of a second, one killed every 2 s, two outages of 10 s."""
    fleet = fleet(place, trials=120, seconds=1)
    storm = storm_over(fleet, 6, seed=repeat)
    sleep_past_the_grace(storm, 2)
    for _ in range(2 if fleet.place.server else 0):
        storm.blow(4, 2)
        assert not storm.over(), f"{storm.run.out}\n{storm.run.err}"
        fleet.place.server.stop()
        storm.blow(10, 2)
        fleet.place.server.start()
    storm.blow(600, 2)
    assert len(storm.killed) >= 10
    check(storm, 120)
