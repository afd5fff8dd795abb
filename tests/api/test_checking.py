"""The values of arguments."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from optisearch import compare, search
from optisearch.api import checking
from optisearch.errors import OptisearchError


def test_lengths_of_time() -> None:
    given = (90, 1.5, "1h30m", timedelta(minutes=2), None)
    assert [checking.seconds("timeout", each) for each in given] == [90, 1.5, 5400, 120, None]


def test_amounts_of_memory() -> None:
    assert [checking.size("m", each) for each in (5, "4KiB", None)] == [5, 4096, None]


def test_workers_and_gpus() -> None:
    assert [checking.workers(each) for each in (2, "auto", None)] == [2, "auto", None]
    assert [checking.gpus(each) for each in ([0, 1], "all", None)] == [(0, 1), "all", None]


@pytest.mark.parametrize(
    ("check", "value", "said"),
    [
        (lambda v: checking.seconds("timeout", v), 0, "timeout: 0 isn't more than 0"),
        (lambda v: checking.seconds("timeout", v), "soon", "timeout: 'soon' is no length of time"),
        (lambda v: checking.seconds("timeout", v), float("inf"), "timeout: inf isn't"),
        (lambda v: checking.size("memory_limit", v), "4", "'4' is no amount of memory"),
        (lambda v: checking.whole("trials", v), 0, "trials: 0 is no number. Give 1 or more"),
        (lambda v: checking.whole("trials", v), True, "trials: True"),
        (lambda v: checking.whole("trials", v), "5", "trials: '5'"),
        (checking.workers, 0, "workers: 0 is no number of workers"),
        (checking.gpus, [], r"gpus: \[\] names no GPUs"),
        (checking.gpus, "0", "gpus: '0' names no GPUs"),
        (checking.gpus, [0, 0], "names no GPUs"),
    ],
)
def test_what_is_wrong(check: Callable[[Any], Any], value: object, said: str) -> None:
    with pytest.raises(OptisearchError, match=said):
        check(value)


def test_the_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPTISEARCH_STORAGE_FILE", raising=False)
    monkeypatch.setenv("OPTISEARCH_STORAGE", "sqlite:///of-the-environment.db")
    (tmp_path / "url").write_text("sqlite:///of-a-file.db")
    (tmp_path / "url").chmod(0o600)
    places = [
        checking.place("sqlite:///given.db", None),
        checking.place(None, tmp_path / "url"),
        checking.place(None, None),
    ]
    names = ["given", "of-a-file", "of-the-environment"]
    assert [str(place) for place in places] == [f"sqlite:///{name}.db" for name in names]
    with pytest.raises(OptisearchError, match="Keep one of them"):
        checking.place("sqlite:///given.db", "url")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"trials": 0}, "trials"),
        ({"seed": -1}, "seed"),
        ({"keep_models": -1}, "keep_models"),
        ({"sampler": "tpee"}, "Did you mean tpe"),
        ({"pruner": "medium"}, "Did you mean median"),
        ({"from_best": 3}, "Give from_ too"),
        ({"workers": -1}, "workers"),
    ],
)
def test_a_wrong_argument_starts_nothing(
    options: Any, said: str, parabola_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optisearch.api.running.train_here", pytest.fail)
    with pytest.raises(OptisearchError, match=said):
        search(parabola_file, **options)


def test_an_argument_that_there_isnt() -> None:
    with pytest.raises(TypeError, match="trails"):
        compare("x.py", trails=3)  # type: ignore[call-arg]
