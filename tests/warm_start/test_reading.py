"""The study that `--from` names."""

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import optuna
import pytest
from tests.spaces import space

from optisearch import Comparison, choice, integer, real
from optisearch.address import Address
from optisearch.errors import NotStoredError, OptisearchError, StorageError
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.manifest import describe
from optisearch.reading import StageResults
from optisearch.settings import Wishes
from optisearch.storage import Database, open_database
from optisearch.warm_start import Carried, carried_over, check_source

from .conftest import study_of

SPACE = space(rate=real(0.0, 1.0, baseline=0.5), shape=choice("a", "b", baseline="a"))
NEW = study_of(SPACE, "new", known=[{"rate": 0.75}])
TRIED = [({"rate": 0.75, "shape": "a"}, 0.9), ({"rate": 0.25, "shape": "a"}, 0.8)]


@pytest.fixture
def database(sqlite: Address) -> Database:
    return open_database(sqlite, create=True)


@pytest.fixture
def stored(searched: Callable[..., StageResults], database: Database) -> Database:
    searched(SPACE, TRIED, database)
    return database


def carried(address: Address, name: str, stage: str = "new/search", **more: Any) -> Carried:
    return carried_over(address, name, NEW, stage=stage, **more)


def refusal(address: Address, name: str, **more: Any) -> str:
    with pytest.raises(OptisearchError) as caught:
        carried(address, name, **more)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("name", ["old", "old/search"])
def test_a_study_or_its_search_is_named(sqlite: Address, name: str) -> None:
    """What the study file knows is tried in any case."""
    (point,) = carried(sqlite, name).points
    assert (point.stage, point.trial) == ("old/search", 1)
    assert point.point == {"rate": 0.25, "shape": "a"}
    check_source(sqlite, name)


def test_so_many_as_wanted(
    searched: Callable[..., StageResults], database: Database, sqlite: Address
) -> None:
    searched(SPACE, [({"rate": n / 8, "shape": "b"}, n) for n in range(8)], database)
    assert [each.trial for each in carried(sqlite, "old").points] == [7, 6, 5, 4, 3]
    assert [each.trial for each in carried(sqlite, "old", most=2).points] == [7, 6]


@pytest.mark.usefixtures("stored")
def test_an_unknown_study_names_the_nearest(sqlite: Address) -> None:
    for ask in (carried, check_source):
        with pytest.raises(
            NotStoredError, match=r"odl: there is no such study here\. Did you mean"
        ):
            ask(sqlite, "odl")


def test_without_a_database_nothing_is_created(sqlite: Address) -> None:
    for ask in (carried, check_source):
        with pytest.raises(StorageError, match="there is no database yet"):
            ask(sqlite, "old")
    assert sqlite.path is not None
    assert not sqlite.path.exists()


@pytest.mark.usefixtures("stored")
def test_a_search_does_not_begin_with_itself(sqlite: Address) -> None:
    said = refusal(sqlite, "old", stage="old/search")
    assert said.startswith("--from old: a search can't begin with itself. Name another study.")


def test_a_name_of_several_studies_is_refused(
    searched: Callable[..., StageResults], database: Database, sqlite: Address
) -> None:
    for name in ("old-10", "old-20"):
        study = study_of(SPACE)
        open_stage(database, {**describe(study, None), "name": name}, Wishes())
    said = refusal(sqlite, "old")
    assert said == (
        "--from old: the name means several studies. Name one of old-10/search, old-20/search."
    )
    with pytest.raises(OptisearchError, match="several studies"):
        check_source(sqlite, "old")


def test_a_confirmation_is_refused(
    searched: Callable[..., StageResults], database: Database, sqlite: Address
) -> None:
    stage = searched(SPACE, TRIED)
    manifest = describe(study_of(SPACE), None)
    open_stage(database, manifest, Wishes(), kind="confirm")
    assert stage.info.name == "old/search"
    said = refusal(sqlite, "old/confirm")
    assert said.startswith("--from old/confirm: its figures are of the test part")
    assert said.endswith("Name its search: old/search.")


def test_a_comparison_gives_its_points(
    open_compare: Callable[..., Any],
    parabola: Any,
    database: Database,
    sqlite: Address,
    owner: Owner,
) -> None:
    """Cells at one point, with several seeds, are one configuration."""
    stage = open_compare(Comparison("x", levels=(-5.0, 0.0)), database=database, seeds=2)
    for _ in range(4):
        trial = stage.take(owner)
        stage.study.tell(trial, trial.params["x"])
    study = replace(parabola, name="new")
    found = carried_over(sqlite, "parabola/compare", study, stage="new/search")
    assert [each.point["x"] for each in found.points] == [0.0, -5.0]
    assert "seed" not in found.points[0].point


def test_a_study_of_plain_optuna_will_do(database: Database, sqlite: Address) -> None:
    plain = optuna.create_study(storage=database.storage, study_name="plain", direction="maximize")
    plain.sampler = optuna.samplers.RandomSampler(seed=0)
    plain.optimize(lambda trial: trial.suggest_float("rate", 0, 2), n_trials=6)
    found = carried(sqlite, "plain")
    assert found.points
    assert all(each.point["rate"] <= 1.0 for each in found.points)
    assert any("lies outside 0 … 1" in sentence for sentence in found.told)


def test_a_space_that_samples_itself_takes_what_it_asks_for(
    searched: Callable[..., StageResults], database: Database, sqlite: Address
) -> None:
    @dataclasses.dataclass(frozen=True)
    class Own:
        @classmethod
        def suggest(cls, trial: Any) -> None:
            trial.suggest_int("depth", 1, 2)
            trial.suggest_float("rate", 0.0, 1.0)

    old = space(
        depth=integer(1, 3, baseline=1),
        rate=real(0.0, 1.0, baseline=0.5),
        more=integer(1, 2, baseline=1),
    )
    tried = [({"depth": n, "rate": 0.1 * n, "more": 1}, n) for n in (1, 2, 3)]
    searched(old, tried, database)
    study = study_of(Own, "new")
    found = carried_over(sqlite, "old", study, stage="new/search")
    assert [each.point for each in found.points] == [
        {"depth": 2, "rate": 0.2},
        {"depth": 1, "rate": 0.1},
    ]
    assert found.told == (
        "no factor here: more",
        "left out trial 2: depth: 3 lies outside 1 … 2",
    )
