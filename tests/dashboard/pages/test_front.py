"""The front page: what it says of studies, of stages, and of those that need somebody."""

from collections.abc import Callable
from dataclasses import replace

import optuna
import pytest
import sqlalchemy
from tests.dashboard.asking import Answer

from optisearch import record
from optisearch.address import Address
from optisearch.dashboard.pages import Gallery, stage_shown
from optisearch.dashboard.pages.front import Front, gather
from optisearch.dashboard.pages.stage_shown import StageShown
from optisearch.lease import Owner
from optisearch.stage import Stage
from optisearch.storage import Database, open_database

from .html import Page

Get = Callable[..., Answer]
Open = Callable[..., Stage]
Plain = Callable[..., optuna.Study]
Train = Callable[..., None]


def front(gallery: Gallery) -> Front:
    """With all that there is: each stage is waited for."""
    for stage in gallery.stages():
        look = stage.look(None)
        assert look is not None
        stage.told(look, None)
    return gather(gallery, 60.0)


def only(gallery: Gallery) -> StageShown:
    (stage,) = front(gallery).stages
    return stage


def test_an_empty_database_says_how_to_begin(get: Get) -> None:
    page = Page(get().text)
    assert "Nothing is stored here yet." in page.text
    (code,) = page.all("code")
    assert "optisearch run studies/digits.py" in code.text


def test_a_search(shown: Gallery, get: Get, open_parabola: Open, train: Train) -> None:
    stage = open_parabola(shown.database, trials=8)
    train(stage, 5)
    told = only(shown)
    assert (told.study, told.kind, told.state) == ("parabola", "search", "unfinished")
    assert (told.done, told.total, told.progress) == (5, 8, "5 of 8 trials trained")
    assert told.best.startswith("height ")
    assert told.answer.startswith("Best height")
    page = Page(get().text)
    (bar,) = page.all("progress")
    assert (bar["value"], bar["max"], bar.text) == ("5", "8", told.progress)
    (time,) = page.all("time")
    assert time.text == "just now"
    assert time["datetime"].endswith("Z")
    assert page.address("Report of parabola/search") == "/stages/parabola/search"
    id_ = told.study_id
    assert page.address("Trials of parabola/search in optuna-dashboard") == (
        f"/dashboard/studies/{id_}"
    )
    assert page.address("Note of parabola/search") == f"/dashboard/studies/{id_}/note"
    assert [table.text for table in page.all("caption")] == ["Best configuration", "Leaderboard"]
    train(stage, 3)
    assert only(shown).state == "finished"


def test_a_comparison(shown: Gallery, get: Get, open_compare: Open, train: Train) -> None:
    stage = open_compare(database=shown.database)
    train(stage, 3)
    told = only(shown)
    assert told.progress.endswith("cells trained")
    assert told.best == ""
    assert told.picture is None
    train(open_compare(database=shown.database), 1)
    assert "4 of" in Page(get().text).all("progress")[0].text


def test_a_study_with_several_stages(
    shown: Gallery, get: Get, open_parabola: Open, open_compare: Open
) -> None:
    open_parabola(shown.database)
    open_compare(database=shown.database)
    page = Page(get().text)
    assert [heading.text for heading in page.all("h2")] == ["parabola"]
    assert [heading.text for heading in page.all("h3")] == [
        "search unfinished",
        "compare unfinished",
    ]
    assert page.address("Report of all stages") == "/studies/parabola"


def test_the_question_is_a_study_s_heading(shown: Gallery, plain: Plain) -> None:
    study = plain("mine/search", 0.5)
    manifest = {"format": 1, "name": "mine", "study": "mine", "title": "Mine: what is best?"}
    shown.database.storage.set_study_system_attr(study._study_id, record.MANIFEST, manifest)
    (told,) = front(shown).studies
    assert (told.title, told.name) == ("Mine: what is best?", "mine")


def test_how_trials_ended(shown: Gallery, plain: Plain) -> None:
    study = plain("mine", 0.5)
    study.add_trial(optuna.trial.create_trial(state=optuna.trial.TrialState.PRUNED))
    study.add_trial(optuna.trial.create_trial(state=optuna.trial.TrialState.FAIL))
    study.ask()
    told = only(shown)
    assert told.counts == (("running", 1), ("pruned", 1), ("failed", 1))
    assert told.progress == "2 trials trained"
    assert told.state == "running"
    assert told.kind == "optuna.Study"


def test_the_newest_study_comes_first_and_before_it_those_at_work(
    shown: Gallery, plain: Plain
) -> None:
    studies = [plain(name) for name in ("a", "b", "c")]
    assert [study.name for study in front(shown).studies] == ["c", "b", "a"]
    studies[0].ask()
    found = front(shown)
    assert [study.name for study in found.studies] == ["a", "c", "b"]
    assert found.summary == "3 studies · 3 stages · 1 trial in training"


def test_a_study_that_can_t_be_read_has_its_sentence(
    shown: Gallery, get: Get, plain: Plain
) -> None:
    newer = plain("newer")
    shown.database.storage.set_study_system_attr(newer._study_id, record.MANIFEST, {"format": 99})
    text = Page(get().text).text
    assert "a newer version of OptiSearch stored this study" in text


def test_tables_are_cut_and_say_so(
    shown: Gallery, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_shown, "_ROWS", 4)
    plain("mine", *(number / 100 for number in range(30)))
    told = only(shown)
    (leaderboard,) = [part.tables[0] for part in told.tables if part.title == "Leaderboard"]
    assert len(leaderboard.rows) == 4
    assert leaderboard.notes == ("The first 4 of 10 rows.",)


def test_of_many_stages_the_latest_have_tables(shown: Gallery, plain: Plain) -> None:
    for number in range(9):
        plain(f"study {number}", 0.5)
    with_tables = [stage.name for stage in front(shown).stages if stage.tables]
    assert sorted(with_tables) == [f"study {number}" for number in range(3, 9)]


def test_who_is_at_work_and_who_needs_somebody(
    sqlite: Address, open_parabola: Open, owner: Owner
) -> None:
    database = open_database(sqlite, create=True)
    stage = open_parabola(database)
    assert database.backend is not None
    for pid in (41, 42):
        trial = stage.take(replace(owner, host="elsewhere", boot="another", pid=pid))
        assert isinstance(trial, optuna.Trial)
        database.backend.record_heartbeat(trial._trial_id)
    gallery = Gallery(database)
    told = only(gallery)
    assert (told.needs, told.state) == ("", "running")
    (part,) = told.at_work
    assert [[cell.text for cell in row.cells[:3]] for row in part.tables[0].rows] == [
        ["0", "elsewhere", "41"],
        ["1", "elsewhere", "42"],
    ]
    with database.backend.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("UPDATE trial_heartbeats SET heartbeat = '2020-01-01 00:00:00'")
        )
    (needing,) = front(gallery).in_need
    assert needing.needs.startswith("parabola/search needs a look, for 2 trials without a worker")
    assert needing.state == "stuck"
    gallery.close()


def test_what_isn_t_read_yet_is_said_and_not_waited_for(
    shown: Gallery, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    plain("mine", 0.5)
    may = threading.Event()
    real = shown.stages()[0]._read
    monkeypatch.setattr(shown.stages()[0], "_read", lambda: may.wait(60) and real())
    (told,) = gather(shown, 0.0).stages
    assert told.answer == "It is being read."
    assert not told.is_read
    may.set()
    assert only(shown).is_read


def test_a_stage_that_is_deleted_meanwhile(
    shown: Gallery, plain: Plain, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = plain("mine", 0.5)
    stages = shown.stages()
    database.storage.delete_study(study._study_id)
    monkeypatch.setattr(shown, "stages", lambda: stages)
    (told,) = gather(shown, 60.0).stages
    assert told.answer == "It was deleted just now."
