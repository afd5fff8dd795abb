"""A study's attributes, in memory and in every database; who reads which of them."""

from collections.abc import Callable
from typing import Any

import optuna
import pytest
import sqlalchemy
from optuna import Trial
from optuna.study import StudyDirection
from optuna.trial import TrialState
from tests.contracts.databases import ON_DISK

from optisearch import reading, record
from optisearch.address import Address
from optisearch.lease import Owner
from optisearch.stage import Stage
from optisearch.storage import Database, attributes, open_database


@pytest.fixture(params=["memory", *ON_DISK])
def database(request: pytest.FixtureRequest) -> Database:
    if request.param == "memory":
        return Database.in_memory()
    found: Address = request.getfixturevalue(request.param)
    return open_database(found, create=True)


def study(database: Database, name: str, **stored: Any) -> int:
    study_id = database.storage.create_new_study([StudyDirection.MAXIMIZE], name)
    for key, value in stored.items():
        database.storage.set_study_system_attr(study_id, key, value)
    return study_id


def replaced(database: Database, study_id: int, changed: dict[str, Any], *removed: str) -> None:
    database.atomically(lambda: attributes.replace(database.storage, study_id, changed, removed))


def test_attributes_are_read_by_name_and_by_how_they_begin(database: Database) -> None:
    given = {"a": [1, "ü"], "b_c:0": "x", "b_c:1": "y", "bxc:0": "z", "b%": None}
    one, other = study(database, "one", **given), study(database, "other", a=2)
    storage = database.storage
    assert attributes.named(storage, one, ("a", "b%", "missing")) == {"a": [1, "ü"], "b%": None}
    assert attributes.named(storage, other, ("missing",)) == {}
    # What means something to LIKE is taken as it is.
    assert attributes.starting(storage, one, ("b_c:",)) == {"b_c:0": "x", "b_c:1": "y"}
    assert attributes.starting(storage, one, ("a", "b%")) == {"a": [1, "ü"], "b%": None}
    assert attributes.of_all_studies(storage, "a") == {"one": [1, "ü"], "other": 2}
    assert list(attributes.of_all_studies(storage, "b%")) == ["one", "other"]


def test_attributes_are_replaced_together(database: Database) -> None:
    one, other = study(database, "one", a=1, b=2, c=3), study(database, "other", a=1)
    replaced(database, one, {"a": "new", "d": {"x": 1}}, "b", "missing")
    assert database.storage.get_study_system_attrs(one) == {"a": "new", "c": 3, "d": {"x": 1}}
    replaced(database, one, {})
    assert database.storage.get_study_system_attrs(other) == {"a": 1}


def test_of_a_study_that_isn_t_there_nothing_is_read_or_written(database: Database) -> None:
    gone = study(database, "gone", a=1)
    database.storage.delete_study(gone)
    with pytest.raises(KeyError):
        attributes.named(database.storage, gone, ("a",))
    with pytest.raises(KeyError):
        replaced(database, gone, {"a": 1})


def test_ended_trials_are_counted(database: Database) -> None:
    one = optuna.create_study(study_name="one", storage=database.storage)
    assert attributes.count_ended(database.storage, one._study_id) == 0
    for state in TrialState:
        value = 0.5 if state is TrialState.COMPLETE else None
        one.add_trial(optuna.trial.create_trial(state=state, value=value))
    assert attributes.count_ended(database.storage, one._study_id) == 3
    some = (TrialState.COMPLETE, TrialState.PRUNED)
    assert attributes.count_ended(database.storage, one._study_id, some) == 2


def test_who_trains_and_who_tells_never_reads_what_is_published(
    address: Address, open_parabola: Callable[..., Stage], owner: Owner
) -> None:
    """It lies there as something that nobody can read."""
    stage = open_parabola(open_database(address, create=True), trials=3)
    unreadable = ["dashboard:note_str:0", "dashboard:plot_data:optisearch-time:0", "mine"]
    unreadable += [record.PUBLISHED, record.PUBLISHER]
    insert = sqlalchemy.text(
        "INSERT INTO study_system_attributes (study_id, `key`, value_json) VALUES (:id, :key, '{')"
        if address.dialect == "mysql"
        else "INSERT INTO study_system_attributes (study_id, key, value_json)"
        " VALUES (:id, :key, '{')"
    )
    backend = stage.database.backend
    assert backend is not None
    with backend.engine.begin() as connection:
        for key in unreadable:
            connection.execute(insert, {"id": stage.study._study_id, "key": key})
    joined = open_parabola(open_database(address, create=True), trials=3)
    while isinstance(trial := joined.take(owner), Trial):
        trial.report(0.5, 0)
        trial.should_prune()
        joined.study.tell(trial, 0.5)
    assert joined.progress() == (3, 3)
    assert reading.StageReader(joined.study).look().tally.completed == 3
    [found], [] = reading.load_stages(joined.database.storage)
    assert found.info.name == "parabola/search"
    assert reading.find(joined.database.storage, "parabola") == ("parabola/search",)
    assert reading.load_crew(joined.database, found, joined.database.local_now()).members == ()
