"""What a call makes of its arguments, and of how the run ends."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from optisearch import Results, compare, confirm, search
from optisearch.errors import OptisearchError
from optisearch.job import Job
from optisearch.plan import Wanted
from optisearch.pool.running import Ran
from optisearch.pool.screen import NoScreen
from optisearch.reading import read_stage
from optisearch.settings import Wishes
from optisearch.worker import ExitCode

STORAGE = "sqlite:///r.db"


class Trained:
    """Stands for the run: remembers how it was called, and ends as it is told to."""

    def __init__(self, ran: Ran) -> None:
        self.ran = ran

    def __call__(self, job: Job, **given: Any) -> Ran:
        self.job, self.given = job, given
        return self.ran


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch, open_parabola: Any) -> Callable[..., Trained]:
    def stand(code: ExitCode, *, asked: bool = False, opened: bool = True) -> Trained:
        stage = read_stage(open_parabola(trials=3).study) if opened else None
        trained = Trained(Ran(code, 0, asked, stage))
        monkeypatch.setattr("optisearch.api.running.train_here", trained)
        return trained

    return stand


def test_a_search_is_what_the_command_would_do(ends: Callable[..., Trained]) -> None:
    trained = ends(ExitCode.DONE)
    found = search(
        "p.py",
        trials=3,
        patience=2,
        sampler="random",
        seed=7,
        from_="old",
        from_best=4,
        train_samples=100,
        keep_models=0,
        workers=2,
        gpus=[1],
        timeout="1m",
        trial_timeout=5,
        memory_limit="1KiB",
        allow_versions=True,
        deterministic=True,
        storage=STORAGE,
    )
    assert isinstance(found, Results)
    assert found.name == "parabola/search"
    assert trained.job.wishes == Wishes(
        trials=3, patience=2, sampler="random", seed=7, source="old", best=4, timeout_seconds=60
    )
    words = " ".join(trained.job.arguments())
    for word in ("--train-samples 100", "--keep-models 0", "--trial-timeout 5"):
        assert word in words
    assert words.endswith(
        "--memory-limit 1024B --allow-versions --keep-models 0 --stage search -- p.py"
    )
    assert trained.job.environment() == {
        "OPTISEARCH_STORAGE": STORAGE,
        "TF_DETERMINISTIC_OPS": "1",
    }
    assert (trained.given["workers"], trained.given["gpus"]) == (2, (1,))


def test_the_other_stages(ends: Callable[..., Trained]) -> None:
    trained = ends(ExitCode.FAILURES)  # finished, with failures: there are results
    compare("p.py", "x", "shape", seeds=3, untuned=True, storage=STORAGE)
    assert (trained.job.stage, trained.job.wishes) == ("compare", Wishes(seeds=3))
    assert trained.job.wanted == Wanted(("x", "shape"), tuned=False)
    confirm("p.py", seed=1, storage=STORAGE)
    assert (trained.job.stage, trained.job.wishes) == ("confirm", Wishes(seed=1))


def test_nothing_is_shown_where_it_is_to_be_quiet(ends: Callable[..., Trained]) -> None:
    trained = ends(ExitCode.DONE)
    search("p.py", quiet=True, storage=STORAGE)
    assert trained.given["aside"].quiet
    assert isinstance(trained.given["screen"](None), NoScreen)


def test_an_interrupt_says_what_is_there(ends: Callable[..., Trained]) -> None:
    ends(ExitCode.INTERRUPTED, asked=True)
    with pytest.raises(KeyboardInterrupt, match=r"parabola/search has 0 of 3 .*results\("):
        search("p.py", storage=STORAGE)


def test_an_interrupt_before_anything_is_stored(ends: Callable[..., Trained]) -> None:
    ends(ExitCode.INTERRUPTED, asked=True, opened=False)
    with pytest.raises(KeyboardInterrupt):
        search("p.py", storage=STORAGE)


def test_an_engines_signal_ends_a_script_as_it_would_the_command(
    ends: Callable[..., Trained],
) -> None:
    ends(ExitCode.WORK_LEFT, asked=True)
    with pytest.raises(SystemExit) as left:
        search("p.py", storage=STORAGE)
    assert left.value.code == ExitCode.WORK_LEFT


def test_a_signal_that_came_too_late_changes_nothing(ends: Callable[..., Trained]) -> None:
    ends(ExitCode.DONE, asked=True)
    assert search("p.py", storage=STORAGE).name == "parabola/search"


def test_too_little_time_to_begin(ends: Callable[..., Trained]) -> None:
    ends(ExitCode.WORK_LEFT, opened=False)
    with pytest.raises(OptisearchError, match="time was up before a worker could begin"):
        search("p.py", timeout=0.001, storage=STORAGE)


def test_in_another_thread_a_run_hears_no_signals() -> None:
    from threading import Thread

    from optisearch.pool.session import Asked

    said: list[Any] = []

    def listen() -> None:
        with Asked().listening():
            said.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = Thread(target=listen)
    thread.start()
    thread.join()
    assert said == [before]
