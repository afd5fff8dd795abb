"""`status` from a database on disk, and what `report --publish` puts there."""

import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import optuna
import sqlalchemy
from optuna import Trial
from optuna_dashboard import get_note
from rich.console import Console

from optisearch.address import Address
from optisearch.events import silence
from optisearch.lease import Owner
from optisearch.stage import Stage
from optisearch.storage import open_database
from optisearch.study import Study
from optisearch.telling import publish_report, show_report, show_status
from optisearch.training import make_trainer
from optisearch.worker import Stop, work


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


def published(address: Address, name: str) -> str:
    lines = StringIO()
    publish_report(address, name, Console(file=lines, width=80, color_system=None))
    return lines.getvalue()


def test_all_stages_of_a_study_are_published(
    sqlite: Address,
    open_parabola: Callable[..., Stage],
    open_compare: Callable[..., Stage],
    owner: Owner,
) -> None:
    database = open_database(sqlite, create=True)
    search, compare = open_parabola(database), open_compare(database=database)
    trial = search.take(owner)
    assert isinstance(trial, Trial)
    search.study.tell(trial, 0.25)
    assert published(sqlite, "parabola") == (
        "Published parabola/search and parabola/compare: optisearch dashboard shows the tables in "
        "the notes of their studies, the figures beside its plots.\n"
    )
    assert get_note(search.study).startswith("**Best height 0.2500 in [trial 0](")
    assert "from 1 trial that has ended" in get_note(search.study)
    assert get_note(compare.study).startswith("**Nothing has been measured yet.**")


def test_a_study_of_plain_optuna_is_published_when_asked(sqlite: Address) -> None:
    storage = open_database(sqlite, create=True).storage
    study = optuna.create_study(study_name="plain", storage=storage)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    assert "Published plain: " in published(sqlite, "plain")
    assert get_note(study).startswith("**Best value ")
    assert "from 3 trials that have ended" in get_note(study)


def test_a_report_waits_for_the_target_that_is_asked_for(
    sqlite: Address, parabola: Study, open_parabola: Callable[..., Stage], tmp_path: Path
) -> None:
    """By default for the study's own, which its manifest keeps."""
    database = open_database(sqlite, create=True)
    stage = open_parabola(database, study=replace(parabola, target=-20.0), trials=6)
    work(stage, parabola, make_trainer(parabola, None), stop=Stop(), listener=silence)

    def told(target: float | None) -> str:
        file = tmp_path / "report.md"
        show_report(sqlite, "parabola", "markdown", file, target)
        return file.read_text()

    assert "reached height -20.00 after some epoch" in told(None)
    assert "6 of 6 trials reached height " in told(-1e6)
    assert "0 of 6 trials reached height 5.0000 after some epoch" in told(5.0)
