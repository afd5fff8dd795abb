"""`optisearch work`: from a study file to a stage in a database, or to one event that says why not."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import optuna
import pytest
from optuna_dashboard import get_note

from optisearch.address import Address
from optisearch.errors import OptisearchError
from optisearch.events import Ended, Event, Leaving, Loading, Ready, Refused
from optisearch.job import Job
from optisearch.loading import load_study
from optisearch.settings import Wishes
from optisearch.storage import open_database
from optisearch.worker import ExitCode, Stop
from optisearch.worker_process import max_epochs, run_worker


@pytest.fixture
def job(parabola_file: Path, sqlite: Address, tmp_path: Path) -> Callable[..., Job]:
    """The parabola's job, or that of a changed copy of it."""

    def of(*changes: tuple[str, str], **wishes: Any) -> Job:
        source = parabola_file.read_text()
        for before, after in changes:
            assert before in source
            source = source.replace(before, after)
        path = tmp_path / "mine.py"
        path.write_text(source)
        return Job(path, sqlite, Wishes(**{"trials": 3, "sampler": "random"} | wishes))

    return of


def stored(address: Address) -> list[str]:
    if address.path is None or not address.path.exists():
        return []
    storage = open_database(address, create=False).storage
    return [study.study_name for study in storage.get_all_studies()]


def refused(job: Job) -> str:
    """What the worker and whoever watches it are told."""
    events: list[Event] = []
    with pytest.raises(OptisearchError) as caught:
        run_worker(job, events.append, Stop())
    assert caught.value.exit_code == 2
    assert events[-1] == Refused(str(caught.value), 2)
    return str(caught.value)


def test_a_worker_opens_the_stage_and_trains_it(job: Callable[..., Job], sqlite: Address) -> None:
    events: list[Event] = []
    assert run_worker(job(), events.append, Stop()) == ExitCode.DONE
    kinds = [type(event) for event in events]
    assert kinds.index(Loading) < kinds.index(Ready) < kinds.index(Ended)
    assert kinds.count(Ended) == 3
    assert events[-1] == Leaving("done")
    assert stored(sqlite) == ["parabola/search"]


def test_a_worker_publishes_what_it_trained_unless_it_has_a_starter(
    job: Callable[..., Job], sqlite: Address
) -> None:
    stop = Stop()
    starter: Any = SimpleNamespace(is_gone=False, wait=lambda: None)
    run_worker(job(), lambda _event: None, stop, starter=starter)
    assert note(sqlite) == ""
    run_worker(job(trials=4), lambda _event: None, stop)
    assert "from 4 trials that have ended" in note(sqlite)


def note(address: Address) -> str:
    storage = open_database(address, create=False).storage
    return get_note(optuna.load_study(study_name="parabola/search", storage=storage))


def test_the_same_again_trains_nothing(job: Callable[..., Job]) -> None:
    run_worker(job(), lambda _event: None, Stop())
    events: list[Event] = []
    assert run_worker(job(), events.append, Stop()) == ExitCode.DONE
    assert not [event for event in events if isinstance(event, Ended)]
    (ready,) = [event for event in events if isinstance(event, Ready)]
    assert ready.trained == 3


def test_a_worker_that_is_stopped_before_it_joins_creates_nothing(
    job: Callable[..., Job], sqlite: Address
) -> None:
    stop = Stop()
    stop.asked.set()
    assert run_worker(job(), lambda _event: None, stop) == ExitCode.WORK_LEFT
    assert stored(sqlite) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("train(hp", "train(hp,,", "syntax error"),
        ("def train", "1 / 0\ndef train", "ZeroDivisionError"),
        ("baseline=5.0", "baseline=50.0", "baseline 50 lies outside the range"),
        ('maximize="height"', 'maximize="hight"', "no metric 'hight'; those reported are depth"),
        ("train=train,", "train=train, data=lambda: None,", "returned a NoneType, not a Split"),
        ("train=train,", "train=train, data=lambda: 1 / 0,", "the study's data function raises"),
    ],
)
def test_mistakes_are_told_and_leave_no_stage_behind(
    job: Callable[..., Job], sqlite: Address, before: str, after: str, said: str
) -> None:
    assert said in refused(job((before, after)))
    assert stored(sqlite) == []


def test_another_study_of_the_same_name_is_refused(job: Callable[..., Job]) -> None:
    run_worker(job(), lambda _event: None, Stop())
    told = refused(job(("-10.0, 10.0", "-20.0, 10.0"), ("1.0 / (epoch", "2.0 / (epoch")))
    assert "  x low: stored -10.0, given -20.0\n" in told
    assert "  code of train: stored another version, given this version" in told


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [("integer(1, 4, baseline=3)", 4), ("7", 7), ("choice(2, 9, baseline=2)", 9)],
)
def test_the_most_epochs_a_trial_may_train(
    job: Callable[..., Job], epochs: str, expected: int
) -> None:
    study = load_study(job(("integer(1, 4, baseline=3)", epochs)).path)
    assert max_epochs(study) == expected


def test_without_epochs_there_is_one(job: Callable[..., Job]) -> None:
    field = ("epochs: int = integer(1, 4, baseline=3)", "rounds: int = 3")
    assert max_epochs(load_study(job(field, ("hp.epochs", "hp.rounds")).path)) == 1
