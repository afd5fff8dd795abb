"""A trial begun and ended by us, as Optuna reads it: the same as one of its own."""

import math
from datetime import datetime
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from optisearch.address import Address
from optisearch.storage import Database, open_database


@pytest.fixture
def database(address: Address) -> Database:
    return open_database(address, create=True)


@pytest.fixture
def plain(database: Database, address: Address) -> RDBStorage:
    """Optuna's own storage on the same database."""
    assert database.backend is not None  # it has created the tables
    return RDBStorage(address.optuna_url)


@pytest.fixture
def study_id(database: Database) -> int:
    return optuna.create_study(study_name="s", storage=database.storage)._study_id


def template() -> FrozenTrial:
    trial = create_trial(
        state=TrialState.RUNNING,
        params={"rate": 0.1, "kind": "b"},
        distributions={
            "rate": FloatDistribution(0.01, 1.0, log=True),
            "kind": CategoricalDistribution(("a", "b")),
        },
        user_attrs={"seed": 3, "worker": "é"},
        system_attrs={"cell": {"x": [1, None]}},
    )
    trial.datetime_start = datetime(2026, 3, 4, 5, 6, 7)
    return trial


def without_id(trial: FrozenTrial) -> dict[str, object]:
    return {
        name: value
        for name, value in vars(trial).items()
        if name not in ("_trial_id", "_number", "_datetime_complete", "datetime_complete")
    }


@pytest.mark.parametrize("value", [0.25, math.inf, -math.inf])
def test_what_is_stored_is_what_optuna_stores(
    database: Database, plain: RDBStorage, study_id: int, value: float
) -> None:
    ours = database.storage.create_new_trial(study_id, template())
    theirs = plain.create_new_trial(study_id, template())
    for state, values in ((TrialState.RUNNING, None), (TrialState.COMPLETE, [value])):
        if values is not None:
            assert database.storage.set_trial_state_values(ours, state, values)
            assert plain.set_trial_state_values(theirs, state, values)
        read = [plain.get_trial(trial_id) for trial_id in (ours, theirs)]
        assert [trial.number for trial in read] == [0, 1]
        assert without_id(read[0]) == without_id(read[1])
    ends = [trial.datetime_complete for trial in read]
    assert ends[0] is not None
    assert ends[1] is not None
    assert abs((ends[1] - ends[0]).total_seconds()) < 5


def test_what_was_created_is_read_from_the_database_the_second_time(
    database: Database, plain: RDBStorage, study_id: int
) -> None:
    trial_id = database.storage.create_new_trial(study_id, template())
    first = database.storage.get_trial(trial_id)
    assert without_id(first) == without_id(plain.get_trial(trial_id))
    first.user_attrs["seed"] = 4  # who reads it may change what was read
    plain.set_trial_user_attr(trial_id, "more", 1)
    assert database.storage.get_trial(trial_id).user_attrs == {**template().user_attrs, "more": 1}


def test_who_ends_a_trial_that_has_ended_is_refused(
    database: Database, plain: RDBStorage, study_id: int
) -> None:
    trial_id = database.storage.create_new_trial(study_id, template())
    plain.set_trial_state_values(trial_id, TrialState.FAIL)
    with pytest.raises(UpdateFinishedTrialError):
        database.storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [1.0])
    assert plain.get_trial(trial_id).values is None
    with pytest.raises(KeyError):
        database.storage.set_trial_state_values(10**6, TrialState.FAIL)


def test_a_transaction_that_fails_leaves_no_trial_behind(
    database: Database, plain: RDBStorage, study_id: int
) -> None:
    created = []

    def fails() -> None:
        created.append(database.storage.create_new_trial(study_id, template()))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.atomically(fails)
    assert plain.get_all_trials(study_id) == []
    with pytest.raises(KeyError):
        database.storage.get_trial(created[0])
    with pytest.raises(KeyError):
        database.storage.create_new_trial(10**6, template())


def test_a_sampler_sees_trials_in_training_as_they_are_at_one_moment(
    database: Database, plain: RDBStorage, study_id: int
) -> None:
    first = database.storage.create_new_trial(study_id, template())

    def reported() -> list[int]:
        trials = database.storage.get_all_trials(study_id, states=(TrialState.RUNNING,))
        return [len(trial.intermediate_values) for trial in trials]

    other = plain.create_new_trial(study_id, template())
    with database.gathering(first):
        assert reported() == [0, 0]
        plain.set_trial_intermediate_value(other, 0, 0.5)
        assert reported() == [0, 0]
    assert reported() == [0, 1]


def test_of_trials_in_training_a_sampler_reads_the_point_and_that_once(
    database: Database, plain: RDBStorage, study_id: int
) -> None:
    bare = create_trial(state=TrialState.RUNNING)
    own = database.storage.create_new_trial(study_id, bare)
    other = plain.create_new_trial(study_id, bare)

    def seen() -> tuple[dict[str, Any], int]:
        with database.gathering(own):
            trials = database.storage.get_all_trials(study_id, states=(TrialState.RUNNING,))
        return trials[1].params, len(trials[1].intermediate_values)

    database.storage.get_all_trials(study_id)
    assert seen() == ({}, 0)
    plain.set_trial_intermediate_value(other, 0, 0.5)
    plain.set_trial_param(other, "x", 3.0, FloatDistribution(0.0, 5.0))
    assert seen() == ({"x": 3.0}, 1)
    plain.set_trial_intermediate_value(other, 1, 0.5)
    assert seen() == ({"x": 3.0}, 1)  # what it reported since isn't read
    plain.set_trial_state_values(other, TrialState.COMPLETE, [0.5])
    assert database.storage.get_all_trials(study_id)[1].intermediate_values == {0: 0.5, 1: 0.5}
