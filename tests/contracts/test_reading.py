"""Trials that are read as plain rows are those that Optuna reads, whatever the database."""

import inspect
import math
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from optisearch.address import Address
from optisearch.storage import open_database, reading
from optisearch.storage.reading import QuickStorage

PARAMS = {
    "rate": FloatDistribution(1e-4, 1.0, log=True),
    "kind": CategoricalDistribution(["none", True, 3, None]),
    "epochs": IntDistribution(1, 9, step=2),
}


@pytest.fixture
def storage(address: Address) -> QuickStorage:
    found = open_database(address, create=True).storage
    backend = found._backend  # type: ignore[attr-defined]
    assert isinstance(backend, QuickStorage)  # what `open_database` opens reads fast
    return backend


def store(storage: QuickStorage, name: str, *given: FrozenTrial) -> int:
    study = optuna.create_study(study_name=name, storage=storage)
    study.add_trials(given)
    return study._study_id


def trial(state: TrialState, value: float | None = None, **given: Any) -> FrozenTrial:
    return create_trial(state=state, value=value, **given)


def everything() -> list[FrozenTrial]:
    """Every state, and every value that a column can't hold as it is."""
    point = {"params": {"rate": 0.01, "kind": None, "epochs": 7}, "distributions": PARAMS}
    ended = trial(
        TrialState.COMPLETE,
        0.1 + 0.2,
        **point,
        user_attrs={"seed": 7, "words": "ü \\ '", "flag": True, "nothing": None},
        system_attrs={"rows": [{"epoch": 0, "loss": "nan"}], "owner": {"pid": 1}},
        intermediate_values={0: math.inf, 3: -math.inf, 1: 1e-300},
    )
    return [
        ended,
        trial(TrialState.COMPLETE, math.inf),
        trial(TrialState.COMPLETE, -math.inf),
        trial(TrialState.PRUNED, 0.5, intermediate_values={7: 0.5}),
        trial(TrialState.FAIL, user_attrs={"error": "x"}),
        trial(TrialState.WAITING, system_attrs={"fixed_params": {"rate": 0.1}}),
        trial(TrialState.RUNNING, **point),
    ]


def both(storage: QuickStorage, *what: Any) -> list[FrozenTrial]:
    quick = storage._get_trials(*what)
    assert quick == RDBStorage._get_trials(storage, *what)
    for found, other in zip(quick, RDBStorage._get_trials(storage, *what), strict=True):
        assert list(found.params) == list(other.params)
    return quick


def test_every_kind_of_trial_is_read_alike(storage: QuickStorage) -> None:
    others = store(storage, "others", trial(TrialState.COMPLETE, 1.0), trial(TrialState.RUNNING))
    study_id = store(storage, "this", *everything())
    assert len(both(storage, study_id, None, set(), -1)) == len(everything())
    assert len(both(storage, others, None, set(), -1)) == 2
    assert both(storage, store(storage, "empty"), None, set(), -1) == []


def test_a_number_that_is_none_is_read_as_one(storage: QuickStorage) -> None:
    study_id = store(storage, "x", trial(TrialState.PRUNED, intermediate_values={0: math.nan}))
    (found,) = storage._get_trials(study_id, None, set(), -1)
    assert math.isnan(found.intermediate_values[0])


def test_what_is_new_or_hadn_t_ended_is_read_alike(storage: QuickStorage) -> None:
    study_id = store(storage, "this", *everything())
    ids = [each._trial_id for each in storage.get_all_trials(study_id)]
    found = both(storage, study_id, None, {ids[1], ids[6]}, ids[3])
    assert [each.number for each in found] == [1, 4, 5, 6]
    assert both(storage, study_id, None, set(), ids[-1]) == []
    assert len(both(storage, study_id, (TrialState.COMPLETE,), set(), -1)) == 3


def test_more_trials_than_a_query_names_are_read_too(
    storage: QuickStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MOST_NAMED", 1)
    study_id = store(storage, "this", *everything())
    ids = {each._trial_id for each in storage.get_all_trials(study_id)}
    found = storage._get_trials(study_id, None, ids, max(ids))
    assert {each._trial_id for each in found} == ids


def test_a_study_that_was_deleted_is_gone(storage: QuickStorage) -> None:
    study_id = store(storage, "this", *everything())
    storage.delete_study(study_id)
    with pytest.raises(KeyError):
        storage._get_trials(study_id, None, set(), -1)


def test_optuna_still_reads_trials_through_the_method_that_is_replaced(tmp_path: Path) -> None:
    ours = inspect.signature(QuickStorage._get_trials).parameters
    assert list(ours) == list(inspect.signature(RDBStorage._get_trials).parameters)
    storage = QuickStorage(f"sqlite:///{tmp_path / 'x.db'}")
    cached = optuna.storages.get_storage(storage)
    study_id = store(storage, "this", trial(TrialState.COMPLETE, 1.0))
    asked: list[Any] = []
    storage._get_trials = lambda *what, **named: asked.append((what, named)) or []  # type: ignore[method-assign, func-returns-value]
    cached.get_all_trials(study_id)
    assert len(asked) == 1
