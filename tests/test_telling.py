"""`status` from a database on disk: heartbeats by the database's clock, trials by their workers."""

import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import sqlalchemy
from optuna import Trial
from rich.console import Console

from optisearch.address import Address
from optisearch.lease import Owner
from optisearch.stage import Stage
from optisearch.storage import open_database
from optisearch.telling import show_status


def said(address: Address, name: str | None) -> str:
    lines = StringIO()
    show_status(address, name, Console(file=lines, width=80, color_system=None))
    return " ".join(lines.getvalue().split())


def test_status(sqlite: Address, open_parabola: Callable[..., Stage], owner: Owner) -> None:
    stage = open_parabola(open_database(sqlite, create=True))
    backend = stage.database.backend
    assert backend is not None
    elsewhere = replace(owner, host="elsewhere", boot="another")
    alive, dead = (stage.take(replace(elsewhere, pid=pid)) for pid in (41, 42))
    assert isinstance(alive, Trial)
    assert isinstance(dead, Trial)
    for trial in (alive, dead):
        backend.record_heartbeat(trial._trial_id)
        trial.report(0.5, 0)
    told = said(sqlite, "parabola")
    assert "parabola/search" in told
    for row in ("0 elsewhere 41 1", "1 elsewhere 42 1"):
        assert re.search(rf"{row} (just now|\d s ago)", told)
    assert "needs a look" not in said(sqlite, None)

    silence = sqlalchemy.text(
        "UPDATE trial_heartbeats SET heartbeat = datetime(heartbeat, '-70 seconds')"
        " WHERE trial_id = :trial_id"
    )
    with backend.engine.begin() as connection:
        connection.execute(silence, {"trial_id": dead._trial_id})
    backend.record_heartbeat(alive._trial_id)
    noticed = r"Trial 1: no heartbeat for 1 m \d\d s\. Another worker or the run"
    assert re.search(noticed, said(sqlite, "parabola"))
    with backend.engine.begin() as connection:
        connection.execute(silence, {"trial_id": alive._trial_id})
    assert "Trials 0-1: no heartbeat" in said(sqlite, "parabola")
    assert "no other worker is left to notice" in said(sqlite, "parabola")
    assert "parabola/search needs a look, for 2 trials without a worker" in said(sqlite, None)
