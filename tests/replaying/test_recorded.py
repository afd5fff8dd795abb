"""Which trial a name and a number mean."""

import optuna
import pytest

from optisearch.address import Address
from optisearch.errors import NotStoredError, OptisearchError
from optisearch.replaying import find_trial
from optisearch.replaying.recorded import the_stage
from optisearch.storage import open_database

from .conftest import Hill


def test_a_study_means_its_search(trained: Hill) -> None:
    trained.train("compare")
    for name in ("hill", "hill/search"):
        assert str(trained.recorded(1, name)) == "trial 1 of hill/search"
    assert str(trained.recorded(2, "hill/compare")) == "trial 2 of hill/compare"


def test_the_best_one(trained: Hill) -> None:
    recorded = trained.recorded(None)
    assert recorded.trial is recorded.stage.best


def test_a_cell_isnt_ranked(trained: Hill) -> None:
    trained.train("compare")
    with pytest.raises(OptisearchError, match=r"aren't ranked.*--trial N"):
        trained.recorded(None, "hill/compare")


def test_no_such_trial(trained: Hill) -> None:
    with pytest.raises(OptisearchError, match="hill/search: there is no trial 7; its trials are 0"):
        trained.recorded(7)


def test_no_such_study(trained: Hill) -> None:
    with pytest.raises(NotStoredError, match="Did you mean hill"):
        trained.recorded(0, "hil")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (("hill-a/search", "hill-b/search"), "several studies"),
        (("hill/compare", "hill/confirm"), "several stages"),
    ],
)
def test_a_name_of_several(found: tuple[str, ...], said: str) -> None:
    with pytest.raises(OptisearchError, match=f"the name means {said}") as raised:
        the_stage("hill", found)
    assert all(name in raised.value.remedy for name in found)


def test_a_study_that_isnt_ours(sqlite: Address, trained: Hill) -> None:
    optuna.create_study(study_name="plain", storage=f"sqlite:///{sqlite.path}").ask()
    with pytest.raises(OptisearchError, match="OptiSearch didn't train"):
        find_trial(open_database(sqlite, create=False), "plain", 0)


def test_the_same_point_in_search_and_comparison(trained: Hill) -> None:
    trained.train("compare")
    baseline = trained.recorded(0)
    cells = trained.recorded(0, "hill/compare").stage.trials
    same = [cell for cell in cells if baseline.point_of(cell) == baseline.point]
    assert len(same) == 3
    assert {cell.seed for cell in same} != {baseline.trial.seed}


def test_attempts(trained: Hill) -> None:
    from dataclasses import replace

    recorded = trained.recorded(1)
    first, second = recorded.stage.trials
    again = replace(second, retry_of=0)
    stage = replace(recorded.stage, trials=(first, again))
    assert replace(recorded, stage=stage, trial=again).attempts == (first, again)
    assert recorded.attempts == (second,)


def test_its_confirmation(trained: Hill) -> None:
    assert trained.recorded(0).confirmed == ()
