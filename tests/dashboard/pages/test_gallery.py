"""The stages of a database, which come and go."""

import threading
from collections.abc import Callable

import optuna
import pytest

from optisearch.address import Address
from optisearch.dashboard.pages import Gallery
from optisearch.dashboard.pages.listing import studies
from optisearch.errors import NotStoredError, StorageError
from optisearch.stage import Stage
from optisearch.storage import Database, open_database

Plain = Callable[..., optuna.Study]


def names(gallery: Gallery) -> list[str]:
    return [stage.name for stage in gallery.stages()]


def test_a_stage_stays_the_same_until_it_is_deleted(
    shown: Gallery, plain: Plain, database: Database
) -> None:
    one = plain("one")
    (first,) = shown.stages()
    plain("two")
    assert names(shown) == ["one", "two"]
    assert shown.stages()[0] is first
    database.storage.delete_study(one._study_id)
    assert names(shown) == ["two"]
    plain("one")
    assert names(shown) == ["two", "one"]
    assert shown.stages()[1] is not first


def test_a_name_means_a_stage_or_all_of_a_study(shown: Gallery, plain: Plain) -> None:
    for name in ("a/search", "a/compare", "ab/search"):
        plain(name)
    assert [stage.name for stage in shown.named("a/search")] == ["a/search"]
    assert [stage.name for stage in shown.named("a")] == ["a/search", "a/compare"]
    with pytest.raises(NotStoredError) as caught:
        shown.named("a/serch")
    assert caught.value.remedy == "Did you mean a/search?"


def test_what_a_stage_says_changes_with_its_trials(
    shown: Gallery,
    database: Database,
    open_parabola: Callable[..., Stage],
    train: Callable[..., None],
) -> None:
    stage = open_parabola(database)
    (live,) = shown.stages()
    before = live.look(None)
    assert before is not None
    assert before.standing.tally.trained == 0
    again = live.look(None)
    assert again is not None
    assert again.state == before.state
    train(stage)
    after = live.look(None)
    assert after is not None
    assert after.state != before.state
    assert after.standing.tally.trained == 1
    assert after.last_activity is not None
    assert after.curves == 1


def test_a_report_is_computed_once_for_a_state(
    shown: Gallery, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    from optisearch.dashboard.pages import live_stage

    study = plain("one", 0.5)
    computed = []
    real = live_stage.reports.report
    monkeypatch.setattr(
        live_stage.reports, "report", lambda stage: computed.append(stage) or real(stage)
    )
    (live,) = shown.stages()
    for _ in range(3):
        look = live.look(None)
        assert look is not None
        live.told(look, None)
    assert len(computed) == 1
    study.tell(study.ask(), 0.7)
    look = live.look(None)
    assert look is not None
    told = live.told(look, None)
    assert told is not None
    assert told.look is look
    assert len(computed) == 2


def test_what_there_is_is_known_before_it_is_read(shown: Gallery, plain: Plain) -> None:
    may = threading.Event()
    busy = [shown._readers.submit(may.wait, 60) for _ in range(4)]
    plain("one", 0.5)
    (stage,) = shown.stages()
    assert stage.look(0.0) is None
    may.set()
    assert all(each.result() for each in busy)
    assert stage.look(None) is not None


def test_a_file_is_listed_without_what_belongs_to_its_studies(sqlite: Address) -> None:
    database = open_database(sqlite, create=True)
    for name in ("b", "a"):
        optuna.create_study(study_name=name, storage=database.storage)
    assert studies(database) == {1: "b", 2: "a"}


def test_a_database_that_is_gone_is_an_error_in_words(sqlite: Address) -> None:
    database = open_database(sqlite, create=True)
    optuna.create_study(study_name="one", storage=database.storage)
    gallery = Gallery(database)
    assert names(gallery) == ["one"]
    assert sqlite.path is not None
    assert database.engine is not None
    database.engine.dispose()
    sqlite.path.write_bytes(b"no database" * 100)
    with pytest.raises(StorageError):
        gallery.stages()
    gallery.close()
