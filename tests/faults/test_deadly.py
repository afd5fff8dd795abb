"""A trial that always kills its process, as one does that needs more memory than there is."""

import re
from collections import Counter

import pytest

from .fleet import codes
from .kinds import on

pytestmark = pytest.mark.processes
RETRIES = 3
# The second point of a search by random points with seed 0.
DEADLY = {"FAULT_DEADLY": "4.59"}


@on("sqlite", also=("postgresql", "mariadb"))
def test_the_others_are_trained_and_it_is_listed(fleet, place):
    """It is tried again so often, then left alone; the run ends with failures, not with a crash."""
    fleet = fleet(place, trials=6, seconds=0.5)
    run = fleet.run(2, env=DEADLY)
    result = run.wait()
    assert result.code == 1, result
    assert "Traceback" not in result.err
    states = Counter(dict(fleet.stored.rows("SELECT state, count(*) FROM trials GROUP BY state")))
    assert states == {"COMPLETE": 6, "FAIL": 1 + RETRIES}
    trials = fleet.stored.load("logged/search").trials
    attempts = [trial for trial in trials if f"{trial.params['x']:.2f}" == DEADLY["FAULT_DEADLY"]]
    assert [trial.user_attrs["end_reason"] for trial in attempts] == ["lost"] * (1 + RETRIES)
    assert {trial.system_attrs.get("optisearch:first_attempt", 1) for trial in attempts} == {1}
    killed = [line for line in fleet.lines() if line.trial in {each.number for each in attempts}]
    assert len({line.pid for line in killed}) == 1 + RETRIES  # each took a process with it
    told = fleet.status()
    for trial in attempts:
        assert re.search(rf"\b{trial.number}\b", told)
    assert "lost" in told


@on("sqlite")
def test_it_ends_workers_without_a_run_too(fleet, place):
    """Engines start workers again and again; after so many times they have nothing left to do."""
    fleet = fleet(place, trials=3, seconds=0.1)
    ended = []
    while not ended or ended[-1] == -9:
        ended += codes([fleet.work(env=DEADLY)])
        assert len(ended) < 10
    assert ended == [-9] * (1 + RETRIES) + [0]
    assert fleet.stored.count("COMPLETE") == 3
    assert fleet.stored.count("RUNNING") == 0
