"""How long ago a trial's last sign of life was, by the database's clock."""

import time
from collections.abc import Callable

import pytest
from optuna import Trial

from optisearch.address import Address
from optisearch.lease import Owner
from optisearch.stage import Stage
from optisearch.storage import open_database
from optisearch.storage.beats import pulses


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.postgresql),
        pytest.param("mariadb", marks=pytest.mark.mariadb),
    ]
)
def address(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Address:
    # PostgreSQL's zone of a session: heartbeats are stored in it, without saying so.
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    found: Address = request.getfixturevalue(request.param)
    return found


def test_the_age_of_a_sign_of_life(
    address: Address, open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_parabola(open_database(address, create=True))
    backend, study_id = stage.database.backend, stage.study._study_id
    assert backend is not None
    trial = stage.take(owner)
    assert isinstance(trial, Trial)

    def age() -> float | None:
        [pulse] = pulses(backend, study_id)
        assert pulse.trial_id == trial._trial_id
        return pulse.age_seconds

    assert age() is None
    for _ in range(2):  # the first is created, the next overwrites it
        backend.record_heartbeat(trial._trial_id)
        began = time.monotonic()
        while (found := age()) is not None and found < 1.0:
            assert time.monotonic() - began < 20
        # MariaDB and SQLite cut seconds off, of both moments.
        assert found is not None
        assert found <= time.monotonic() - began + 1.0
