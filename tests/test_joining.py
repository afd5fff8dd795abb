"""A stage is created, joined, or refused with the differences."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from optisearch import Study, choice, record
from optisearch.budget import Budget
from optisearch.errors import MismatchError, OptisearchError
from optisearch.events import silence
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.manifest import describe
from optisearch.settings import Settings, Wishes
from optisearch.stage import Stage
from optisearch.storage import Database
from optisearch.training import make_trainer
from optisearch.worker import Stop, work

NAME = "parabola/search"


@pytest.fixture
def database() -> Database:
    return Database.in_memory()


@pytest.fixture
def searched(database: Database, parabola: Study, open_parabola: Callable[..., Stage]) -> Stage:
    """A stage of two trained trials."""
    stage = open_parabola(database, trials=2)
    work(stage, parabola, make_trainer(parabola, None), stop=Stop(), listener=silence)
    return stage


def stored(database: Database) -> dict[str, Any]:
    storage = database.storage
    return storage.get_study_system_attrs(storage.get_study_id_from_name(NAME))


@pytest.fixture
def changed(parabola: Study) -> dict[str, Any]:
    """The manifest of the parabola with another option, another fixed value and another metric."""
    manifest = describe(replace(parabola, maximize="depth"), None)
    manifest["space"]["fixed"] = {"top": 2.0}
    manifest["space"]["factors"][1]["options"] = ["flat", "steep", "sheer"]
    return manifest


def test_a_stage_is_stored_whole(
    database: Database, parabola: Study, open_parabola: Callable[..., Stage]
) -> None:
    stage = open_parabola(database, trials=7, patience=3, seed=5)
    assert stage.name == stage.study.study_name == NAME
    assert stage.study.direction.name == "MAXIMIZE"
    assert stored(database) == {
        record.MANIFEST: describe(parabola, None),
        record.SETTINGS: asdict(Settings("search", "random", "none", 5)),
        record.BUDGET: {"trials": 7, "patience": 3},
        record.SOURCE: "",
    }


def test_defaults_are_stored_too(database: Database, parabola: Study) -> None:
    stage = open_stage(database, describe(parabola, None), Wishes())
    assert (stage.settings, stage.budget) == (Settings(), Budget(50))


def test_a_minimized_metric_makes_a_minimizing_study(database: Database, parabola: Study) -> None:
    manifest = describe(replace(parabola, maximize="", minimize="depth"), None)
    assert open_stage(database, manifest, Wishes()).study.direction.name == "MINIMIZE"


def test_a_search_has_all_objectives_and_other_stages_the_first(
    database: Database, parabola: Study
) -> None:
    manifest = describe(replace(parabola, minimize="parameters"), None)
    search = open_stage(database, manifest, Wishes())
    assert [each.name for each in search.study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert search.study.metric_names == ["height", "parameters"]
    compare = open_stage(database, manifest, Wishes(), kind="compare")
    assert [each.name for each in compare.study.directions] == ["MAXIMIZE"]
    assert [each.name for each in compare.objectives] == ["height"]
    assert compare.study.metric_names is None


@pytest.mark.usefixtures("searched")
def test_who_asks_for_nothing_joins_with_what_is_stored(
    database: Database, parabola: Study
) -> None:
    stage = open_stage(database, describe(parabola, None), Wishes())
    assert stage.settings == Settings("search", "random", "none", 0)
    assert stage.budget == Budget(2)
    assert len(stage.trials()) == 2


def test_a_budget_may_be_raised(searched: Stage, open_parabola: Callable[..., Stage]) -> None:
    open_parabola(searched.database, trials=9)
    assert searched.budget == Budget(9)


def test_another_definition_is_refused_field_by_field(
    searched: Stage, changed: dict[str, Any]
) -> None:
    before = stored(searched.database)
    with pytest.raises(MismatchError) as caught:
        open_stage(searched.database, changed, Wishes(seed=4))
    assert [(d.field, d.stored, d.given) for d in caught.value.differences] == [
        ("metric", "height", "depth"),
        ("shape options", "['flat', 'steep']", "['flat', 'steep', 'sheer']"),
        ("top", "1.0", "2.0"),
        ("--seed", "0", "4"),
    ]
    assert "Join it with the file, data and options that it was begun with" in str(caught.value)
    assert "Give this one another name" in str(caught.value)
    assert f"optuna delete-study --study-name {NAME}" in str(caught.value)
    assert stored(searched.database) == before
    assert len(searched.trials()) == 2


def with_versions(manifest: dict[str, Any], **versions: str) -> dict[str, Any]:
    return {**manifest, "versions": manifest["versions"] | versions}


@pytest.fixture
def newer(parabola: Study) -> dict[str, Any]:
    """The manifest of the parabola where Keras and Optuna are of other releases."""
    return with_versions(describe(parabola, None), keras="9.9.1", optuna="8.8.0")


def test_other_releases_of_the_libraries_are_refused_with_the_differences(
    searched: Stage, newer: dict[str, Any]
) -> None:
    before = stored(searched.database)
    with pytest.raises(MismatchError) as caught:
        open_stage(searched.database, newer, Wishes())
    versions = before[record.MANIFEST]["versions"]
    assert [(d.field, d.stored, d.given) for d in caught.value.differences] == [
        ("keras version", versions["keras"], "9.9.1"),
        ("optuna version", versions["optuna"], "8.8.0"),
    ]
    assert caught.value.exit_code == 2
    paragraph, *below = str(caught.value).splitlines()
    assert paragraph == (
        f"memory: {NAME} was begun with other versions of the libraries, which may train otherwise. "
        "Install those, or join with these by --allow-versions: each trial notes them."
    )
    assert len(below) == 2
    assert stored(searched.database) == before


def test_other_releases_join_where_they_are_allowed(searched: Stage, newer: dict[str, Any]) -> None:
    before = stored(searched.database)
    stage = open_stage(searched.database, newer, Wishes(), allows_versions=True)
    assert len(stage.trials()) == 2
    assert stored(searched.database) == before


def test_each_trial_notes_the_versions_that_differ(
    searched: Stage, parabola: Study, newer: dict[str, Any]
) -> None:
    given = with_versions(newer, numpy="9.0.0")
    stage = open_stage(searched.database, given, Wishes(trials=3), allows_versions=True)
    work(stage, parabola, make_trainer(parabola, None), stop=Stop(), listener=silence)
    noted = [trial.user_attrs.get(record.VERSIONS) for trial in stage.trials()]
    assert noted == [None, None, "optuna 8.8.0, keras 9.9.1, numpy 9.0.0"]


def test_what_differs_besides_is_told_with_the_versions_and_never_allowed(
    searched: Stage, changed: dict[str, Any]
) -> None:
    given = with_versions(changed, tensorflow="9.9.1")
    for allowed in (False, True):
        with pytest.raises(MismatchError, match="differs from this study") as caught:
            open_stage(searched.database, given, Wishes(), allows_versions=allowed)
        fields = [difference.field for difference in caught.value.differences]
        assert fields == ["metric", "shape options", "top", "tensorflow version"]


@pytest.mark.parametrize("allowed", [False, True])
def test_the_versions_of_a_stage_without_results_give_way_and_its_budget_stays(
    database: Database, open_parabola: Callable[..., Stage], newer: dict[str, Any], allowed: bool
) -> None:
    open_parabola(database, trials=7, seed=5)
    stage = open_stage(database, newer, Wishes(), allows_versions=allowed)
    assert (stage.budget, stage.settings.seed) == (Budget(7), 5)
    assert stored(database)[record.MANIFEST] == newer


def test_a_patch_python_and_numpy_may_differ(searched: Stage, parabola: Study) -> None:
    manifest = describe(parabola, None)
    patched = ".".join((*manifest["versions"]["keras"].split(".")[:2], "99"))
    other = with_versions(manifest, keras=patched, python="3.99.0", numpy="9.0.0")
    assert open_stage(searched.database, other, Wishes()).trained() == 2


@pytest.mark.parametrize(
    ("wish", "field"), [({"sampler": "tpe"}, "--sampler"), ({"pruner": "asha"}, "--pruner")]
)
def test_other_settings_are_refused(
    searched: Stage, open_parabola: Callable[..., Stage], wish: dict[str, str], field: str
) -> None:
    with pytest.raises(MismatchError) as caught:
        open_parabola(searched.database, **wish)
    assert [difference.field for difference in caught.value.differences] == [field]


def test_a_stage_without_results_gives_way(
    database: Database, open_parabola: Callable[..., Stage], changed: dict[str, Any]
) -> None:
    open_parabola(database)
    stage = open_stage(database, changed, Wishes(seed=4), source="x = 1")
    assert stage.settings.seed == 4
    assert stored(database)[record.MANIFEST] == changed
    assert stored(database)[record.SOURCE] == "x = 1"


def test_failures_alone_are_no_results(
    database: Database, open_parabola: Callable[..., Stage], owner: Owner, changed: dict[str, Any]
) -> None:
    stage = open_parabola(database)
    trial = stage.take(owner)
    assert isinstance(trial, optuna.Trial)
    stage.study.tell(trial, state=TrialState.FAIL)
    assert open_stage(database, changed, Wishes()).trials() == []


def test_a_trial_in_training_is_a_result(
    database: Database, open_parabola: Callable[..., Stage], owner: Owner, changed: dict[str, Any]
) -> None:
    open_parabola(database).take(owner)
    with pytest.raises(MismatchError):
        open_stage(database, changed, Wishes())


def test_an_optuna_study_of_that_name_is_refused(
    database: Database, open_parabola: Callable[..., Stage]
) -> None:
    study = optuna.create_study(storage=database.storage, study_name=NAME)
    study.add_trial(optuna.create_trial(value=1.0))
    with pytest.raises(MismatchError, match="stored one that OptiSearch didn't make"):
        open_parabola(database)
    assert len(study.trials) == 1


def test_a_creation_that_was_cut_short_is_made_good(
    database: Database, open_parabola: Callable[..., Stage]
) -> None:
    stage = open_parabola(database)
    storage = database.storage
    storage.delete_study(stage.study._study_id)
    half = storage.create_new_study([optuna.study.StudyDirection.MINIMIZE], NAME)
    storage.set_study_system_attr(half, record.SETTINGS, asdict(stage.settings))
    assert open_parabola(database).study.direction.name == "MAXIMIZE"
    assert record.MANIFEST in stored(database)


@pytest.mark.parametrize("wish", [{"sampler": "magic"}, {"pruner": "magic"}])
def test_an_unknown_sampler_or_pruner_leaves_nothing_behind(
    database: Database, open_parabola: Callable[..., Stage], wish: dict[str, str]
) -> None:
    with pytest.raises(OptisearchError, match="'magic'"):
        open_parabola(database, **wish)
    assert database.storage.get_all_studies() == []


def test_the_way_out_shows_no_password(
    searched: Stage, parabola: Study, changed: dict[str, Any]
) -> None:
    from optisearch.address import parse

    address = parse("postgresql://ann:s3cret@db/x")
    guarded = Database(searched.database.storage, address)
    with pytest.raises(MismatchError) as caught:
        open_stage(guarded, changed, Wishes())
    assert "s3cret" not in str(caught.value)
    assert "postgresql://ann:***@db/x" in str(caught.value)


def test_a_factor_that_is_no_longer_there_is_named(searched: Stage, parabola: Study) -> None:
    from dataclasses import make_dataclass

    space = make_dataclass(
        "Point", [("shape", str, choice("flat", "steep", baseline="flat"))], frozen=True
    )
    with pytest.raises(MismatchError) as caught:
        open_stage(searched.database, describe(replace(parabola, space=space), None), Wishes())
    assert {d.field for d in caught.value.differences} == {"x", "slope", "epochs", "top"}
