"""A job is handed to another process as a command line and an environment."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optisearch.address import parse
from optisearch.job import Job
from optisearch.plan import Wanted
from optisearch.settings import Wishes

ADDRESS = parse("sqlite:///results.db")


@pytest.mark.parametrize(
    ("wishes", "train_samples", "words"),
    [
        (Wishes(), None, []),
        (Wishes(trials=5, seed=0), None, ["--trials", "5", "--seed", "0"]),
        (
            Wishes(patience=3, sampler="qmc", pruner="asha"),
            1000,
            ["--patience", "3", "--sampler", "qmc", "--pruner", "asha", "--train-samples", "1000"],
        ),
        (Wishes(source="old", best=3), None, ["--from", "old", "--from-best", "3"]),
    ],
)
def test_only_what_was_asked_for_is_handed_on(
    wishes: Wishes, train_samples: int | None, words: list[str]
) -> None:
    job = Job(Path("-odd.py"), ADDRESS, wishes, train_samples)
    assert job.arguments() == [*words, "--stage", "search", "--", "-odd.py"]


def test_who_joins_takes_the_stage_as_it_is() -> None:
    job = Job(Path("x.py"), ADDRESS, Wishes(trials=5, sampler="qmc", source="old"), 1000)
    words = ["--train-samples", "1000", "--stage", "search", "--", "x.py"]
    assert job.joining().arguments() == words


def test_who_joins_a_comparison_trains_the_same_part_of_it() -> None:
    wanted = Wanted(("optimizer", "-x"), tuned=False)
    job = Job(Path("x.py"), ADDRESS, Wishes(seeds=3, seed=1), None, "compare", wanted)
    part = ["--stage", "compare", "--only", "optimizer", "--only", "-x", "--untuned"]
    assert job.arguments() == ["--seed", "1", "--seeds", "3", *part, "--", "x.py"]
    assert job.joining().arguments() == [*part, "--", "x.py"]


def test_what_holds_for_each_process_is_handed_on() -> None:
    job = Job(Path("x.py"), ADDRESS, Wishes(), memory_limit=2**30, allows_versions=True)
    words = ["--memory-limit", "1073741824B", "--allow-versions", "--stage", "search", "--", "x.py"]
    assert job.arguments() == job.joining().arguments() == words


def test_how_many_models_are_kept_is_handed_on() -> None:
    job = Job(Path("x.py"), ADDRESS, Wishes(), keep_models=0)
    words = ["--keep-models", "0", "--stage", "search", "--", "x.py"]
    assert job.arguments() == job.joining().arguments() == words


def test_the_tools_are_handed_on() -> None:
    job = Job(Path("x.py"), ADDRESS, Wishes(), log=("mlflow", "wandb"))
    words = ["--log", "mlflow", "--log", "wandb", "--stage", "search", "--", "x.py"]
    assert job.arguments() == job.joining().arguments() == words


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("@%{}/:?#&= +")))
def test_a_password_travels_in_the_environment_alone(password: str) -> None:
    url = f"postgresql://ann:s3cret{password}@db/x"
    job = Job(Path("x.py"), parse(url), Wishes(trials=5), 1000)
    assert job.environment()["OPTISEARCH_STORAGE"] == url
    assert "s3cret" not in f"{job} {job!r} {job.arguments()} {job.joining()!r}"
