"""`confirm`, and that nothing else ever sees the test part."""

from collections import Counter

import pytest

pytestmark = pytest.mark.processes

STORAGE = ("--storage", "sqlite:///r.db")
TRAIN, VALIDATION, TEST = 1.0, 2.0, 300.0  # as in the study `guarded`


def attributes(home, stage, name="guarded-parts"):
    """What the completed trials of a stage say."""
    return [
        trial.user_attrs
        for trial in home.stored().load(f"{name}/{stage}").trials
        if trial.state.name == "COMPLETE"
    ]


@pytest.fixture
def file(home):
    return home.study("guarded")


def names(home):
    """The study's name in the database, whatever its data adds to it."""
    return {stage.partition("/")[0] for stage in home.stored().studies()}


def test_without_a_search_there_is_nothing_to_confirm(home, file, refused):
    result = home.run("confirm", file, *STORAGE, "--workers", "1")
    refused(result, "nothing to confirm", f"Search first: optisearch run {file}")
    assert home.stored().studies() == []


def test_a_study_without_data_has_no_test_part(home, refused):
    file = home.study("parabola")
    assert home.run("run", file, *STORAGE, "--trials", "2", "--workers", "1", "-q").code == 0
    result = home.run("confirm", file, *STORAGE, "--workers", "1")
    refused(result, "no test part to confirm on")
    assert home.stored().studies() == ["parabola/search"]


def test_nothing_but_confirm_sees_the_test_part(home, file):
    """Done when 6. Each record says which part it is of."""
    one = ("--workers", "1")
    assert home.run("check", file).code == 0
    assert home.run("run", file, *STORAGE, *one, "--trials", "4").code == 0
    assert home.run("compare", file, *STORAGE, *one, "--seeds", "2").code == 0
    assert home.run("work", file, *STORAGE, "--stage", "compare", "--seeds", "3").code == 0
    (name,) = names(home)
    before = {stage: attributes(home, stage, name) for stage in ("search", "compare")}
    assert home.stored().ended("failed") == []
    assert [len(found) for found in before.values()] == [4, 6]
    for found in (*before["search"], *before["compare"]):
        assert found["records"] == 40
        assert (found["trained_on"], found["evaluated_on"]) == (TRAIN, VALIDATION)
        assert found["largest"] == VALIDATION

    result = home.run("confirm", file, *STORAGE, "--seeds", "3", "--workers", "2")
    assert result.code == 0, result
    confirmed = attributes(home, "confirm", name)
    assert len(confirmed) == 2 * 3
    for found in confirmed:
        assert found["records"] == 40 + 10
        assert found["trained_on"] == pytest.approx((40 * TRAIN + 10 * VALIDATION) / 50)
        assert found["evaluated_on"] == TEST
    assert {stage: attributes(home, stage, name) for stage in before} == before
    trials = home.stored().load(f"{name}/confirm").trials
    search = home.stored().load(f"{name}/search")
    per_point = Counter(trial.params["x"] for trial in trials)
    assert per_point == {search.best_trial.params["x"]: 3, 4.0: 3}
    seeds = {trial.params["seed"] for trial in trials}
    assert len(seeds) == 3  # the same for both, and fresh
    assert not seeds & {found["seed"] for stage in before.values() for found in stage}

    dump = home.stored().dump()
    again = home.run("confirm", file, *STORAGE, *one)
    assert again.code == 0
    assert "nothing was trained" in again.out
    assert home.stored().dump() == dump
    told = result.out.partition(f"{name}/confirm · loss")[2].partition("is finished")[0]
    assert told
    assert told in again.out  # the stored answer

    assert home.run("confirm", file, *STORAGE, "--seeds", "4", *one).code == 0
    assert len(attributes(home, "confirm", name)) == 2 * 4


@pytest.mark.keras
def test_keras_opens_the_test_part_once_for_each_confirmed_trial(home):
    """Done when 6. Whenever the test part is opened, a line is written."""
    file, lines = home.study("counted"), home.folder / "opened.txt"
    env = {"OPENED": str(lines)}
    one = ("--workers", "1")
    assert home.run("check", file, env=env).code == 0
    assert home.run("run", file, *STORAGE, *one, "--trials", "3", env=env).code == 0
    assert home.run("compare", file, *STORAGE, *one, "--seeds", "1", env=env).code == 0
    (name,) = names(home)
    assert len(attributes(home, "search", name)) >= 2
    assert len(attributes(home, "compare", name)) == 2
    assert not lines.exists()

    result = home.run("confirm", file, *STORAGE, "--seeds", "2", *one, env=env)
    assert result.code == 0, result
    confirmed = home.stored().load(f"{name}/confirm").trials
    assert [trial.state.name for trial in confirmed] == ["COMPLETE"] * len(confirmed)
    points = {trial.params["learning_rate"] for trial in confirmed}
    assert len(confirmed) == 2 * len(points)
    assert len(lines.read_text().split()) == len(confirmed)
    for trial in confirmed:
        # After the last of three epochs, and at no other: nothing could be chosen by looking.
        assert list(trial.intermediate_values) == [2]
        assert trial.user_attrs["epochs_trained"] == 3
    # Who learns the training labels gets those of the test part wrong.
    winner = home.stored().load(f"{name}/search").best_trial
    assert winner.value > 0.9
    of_winner = [
        t for t in confirmed if t.params["learning_rate"] == winner.params["learning_rate"]
    ]
    assert all(trial.value < 0.1 for trial in of_winner)

    assert home.run("confirm", file, *STORAGE, *one, env=env).code == 0
    assert home.run("report", name, *STORAGE, env=env).code == 0
    assert len(lines.read_text().split()) == len(confirmed)
