"""One run: workers are started, told to go, replaced, stopped; and its exit code."""

import os
import queue
import signal
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from optuna.trial import TrialState
from optuna_dashboard import get_note

from optisearch import Study, record
from optisearch.address import Address
from optisearch.errors import OptisearchError, RepeatedFailure
from optisearch.events import (
    Away,
    Back,
    Ended,
    Epoch,
    Event,
    Leaving,
    Ready,
    Refused,
    Started,
)
from optisearch.lease import Owner
from optisearch.pool.children import Exited, Printed, Said
from optisearch.pool.screen import NoScreen
from optisearch.pool.session import RefusedByWorker, Session
from optisearch.stage import Stage
from optisearch.storage import open_database
from optisearch.training import make_trainer
from optisearch.worker import ExitCode, Stop, work


class Screen(NoScreen):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def event(self, worker: int, event: Event) -> None:
        self.told.append(event)

    def crashed(self, worker: int, code: int) -> None:
        self.told.append((worker, code))

    def draining(self, *, late: bool) -> None:
        self.told.append("late" if late else "stopping")


Script = Iterator[Event | str | int]


@dataclass
class Child:
    """A worker that follows a script: events it says, lines it prints, its exit code."""

    name: int
    leads: bool
    tail: deque[str] = field(default_factory=deque)
    has_trained: bool = False


class Children:
    """Workers without processes. Each time the session looks, the living go one step on."""

    def __init__(self, *scripts: Callable[[], Script]) -> None:
        self.scripts = list(scripts)
        self.started: list[Child] = []
        self.running: dict[int, tuple[Child, Script]] = {}
        self.went = self.drained = self.ended = False
        self.news: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def start(self, name: int, *, leads: bool) -> Child:
        child = Child(name, leads)
        self.started.append(child)
        self.running[id(child)] = child, self.scripts.pop(0)()
        return child

    def are_silent(self) -> bool:
        for child, script in list(self.running.values()):
            said = next(script)
            if isinstance(said, int):
                del self.running[id(child)]
                self.news.put(Exited(child, said))
            elif isinstance(said, str):
                child.tail.append(said)
                self.news.put(Printed(child, said))
            else:
                self.news.put(Said(child, said))
        return not self.running and self.news.empty()

    def go(self) -> None:
        self.went = True

    def drain(self) -> None:
        self.drained = True

    def end(self, _seconds: float = 0) -> None:
        self.ended = True
        self.running.clear()


@pytest.fixture
def stage(open_parabola: Callable[..., Stage], sqlite: Address) -> Stage:
    return open_parabola(open_database(sqlite, create=True), trials=3)


@pytest.fixture
def session(sqlite: Address, stage: Stage) -> Callable[..., Session]:
    def of(*scripts: Callable[[], Script], workers: int = 1, **options: Any) -> Session:
        children: Any = Children(*scripts)
        return Session(sqlite, children, workers, Screen(), **options)

    return of


@pytest.fixture
def worker(stage: Stage, parabola: Study, ready: Callable[..., Ready]) -> Callable[[], Script]:
    """A worker that does everything."""

    def script() -> Script:
        yield ready(stage)
        said: list[Event] = []
        trainer = make_trainer(parabola, None)
        work(stage, parabola, trainer, stop=Stop(), listener=said.append)
        yield from said
        yield 0

    return script


def idle(*said: Event | str | int) -> Callable[[], Script]:
    """A worker that says this, one after the other."""
    return lambda: iter(said)


def children(session: Session) -> Any:
    return session.children


def test_a_run_to_the_end(session: Callable[..., Session], worker: Callable[[], Script]) -> None:
    run = session(worker)
    assert run.run() == ExitCode.DONE
    assert run.ended == 3
    assert run.results is not None
    assert run.results.tally.trained == 3
    assert children(run).ended


def test_what_was_trained_is_published_when_the_run_ends(
    session: Callable[..., Session], worker: Callable[[], Script], stage: Stage
) -> None:
    session(worker).run()
    assert "from 3 trials that have ended" in get_note(stage.study)
    assert record.PUBLISHER not in stage.study._storage.get_study_system_attrs(
        stage.study._study_id
    )


def test_one_worker_leads_and_the_others_wait_for_it(
    session: Callable[..., Session], stage: Stage, ready: Callable[..., Ready]
) -> None:
    run = session(idle(ready(stage), 0), idle(0), idle(0), workers=3)
    run.run()
    assert [(child.name, child.leads) for child in children(run).started] == [
        (1, True),
        (2, False),
        (3, False),
    ]


def test_all_workers_start_while_the_stage_is_being_created(
    session: Callable[..., Session], stage: Stage, ready: Callable[..., Ready]
) -> None:
    run = session(workers=3)
    started: list[int] = []

    def leader() -> Script:
        started.append(len(children(run).started))
        yield ready(stage)
        yield 0

    children(run).scripts = [leader, idle("imports", 0), idle("imports", 0)]
    run.run()
    assert started == [3]


@pytest.mark.parametrize(
    ("checked", "event", "went"),
    [
        (True, "a line", True),
        (False, "a line", False),
        (False, Epoch(0, 0, 1.0), True),
        (False, Ended(0, "completed", 1.0, 1.0), True),
        (False, Leaving("done"), True),
    ],
)
def test_the_others_go_once_the_metric_is_known_to_exist(
    session: Callable[..., Session],
    stage: Stage,
    ready: Callable[..., Ready],
    checked: bool,
    event: Any,
    went: bool,
) -> None:
    run = session(idle(ready(stage, checked=checked), event, 0))
    run.run()
    assert children(run).went == went


def test_a_refusal_ends_the_run_in_the_workers_words(session: Callable[..., Session]) -> None:
    run = session(idle(Refused("mine.py: it is wrong.\n  here", 2), 2), idle("x", 0), workers=2)
    with pytest.raises(RefusedByWorker) as caught:
        run.run()
    assert (str(caught.value), caught.value.exit_code) == ("mine.py: it is wrong.\n  here", 2)
    assert children(run).ended


def test_a_worker_that_dies_before_the_stage_is_open_ends_the_run(
    session: Callable[..., Session],
) -> None:
    run = session(idle("Fatal Python error", -11))
    with pytest.raises(OptisearchError) as caught:
        run.run()
    assert caught.value.exit_code == ExitCode.FAILURES
    assert "worker 1 ended unexpectedly with signal 11 (SIGSEGV)" in str(caught.value)
    assert str(caught.value).endswith("  Fatal Python error")


def test_a_worker_that_dies_is_replaced(
    session: Callable[..., Session],
    worker: Callable[[], Script],
    stage: Stage,
    ready: Callable[..., Ready],
) -> None:
    run = session(idle(ready(stage), -9), worker)
    assert run.run() == ExitCode.DONE
    assert [(child.name, child.leads) for child in children(run).started] == [(1, True), (1, False)]
    assert (1, -9) in run.screen.told  # type: ignore[attr-defined]


def test_a_worker_that_has_grown_is_replaced_without_a_word(
    session: Callable[..., Session],
    worker: Callable[[], Script],
    stage: Stage,
    ready: Callable[..., Ready],
) -> None:
    grown = idle(ready(stage), Leaving("grown"), ExitCode.WORK_LEFT)
    run = session(grown, grown, grown, grown, worker)
    assert run.run() == ExitCode.DONE
    assert len(children(run).started) == 5
    assert not [told for told in run.screen.told if isinstance(told, tuple)]  # type: ignore[attr-defined]


def test_three_crashes_in_a_row_end_the_run(
    session: Callable[..., Session], stage: Stage, ready: Callable[..., Ready]
) -> None:
    run = session(*[idle(ready(stage), "out of memory", 1)] * 3)
    with pytest.raises(OptisearchError, match="worker 1 ended unexpectedly with exit code 1"):
        run.run()
    assert len(children(run).started) == 3


def test_crashes_with_a_trial_in_between_are_not_in_a_row(
    session: Callable[..., Session],
    worker: Callable[[], Script],
    stage: Stage,
    ready: Callable[..., Ready],
) -> None:
    dying = idle(ready(stage), Ended(0, "completed", 1.0, 1.0), 1)
    assert session(dying, dying, dying, dying, worker).run() == ExitCode.DONE


def test_those_who_die_in_training_are_replaced_more_often(
    session: Callable[..., Session],
    worker: Callable[[], Script],
    stage: Stage,
    ready: Callable[..., Ready],
) -> None:
    """One trial may kill its workers until it is given up."""
    dying = idle(ready(stage), Started(0, {}, 3), -9)
    assert session(*[dying] * (3 * record.MAX_LOST_ATTEMPTS - 1), worker).run() == ExitCode.DONE
    with pytest.raises(OptisearchError, match=r"signal 9 \(SIGKILL\)"):
        session(*[dying] * (3 * record.MAX_LOST_ATTEMPTS)).run()


def test_while_the_database_is_away_no_crash_counts(
    session: Callable[..., Session],
    worker: Callable[[], Script],
    stage: Stage,
    ready: Callable[..., Ready],
) -> None:
    away = idle(ready(stage), Away(300.0), -9)
    assert session(*[away] * 20, worker).run() == ExitCode.DONE
    back = idle(ready(stage), Back(10.0), -9)
    with pytest.raises(OptisearchError, match="SIGKILL"):
        session(away, *[back] * 3).run()


def test_the_same_failure_of_several_workers_ends_the_run(
    session: Callable[..., Session], stage: Stage, ready: Callable[..., Ready]
) -> None:
    failed = Ended(0, "failed", None, 1.0, cause="ValueError at x.py:1", error="ValueError: x")
    run = session(idle(ready(stage), failed, failed, 0), idle(failed, failed, 0), workers=2)
    with pytest.raises(RepeatedFailure):
        run.run()


def test_failed_trials_give_exit_code_one(
    session: Callable[..., Session], worker: Callable[[], Script], stage: Stage
) -> None:
    trial = stage.study.ask()
    trial.set_user_attr(record.END_REASON, "failed")
    stage.study.tell(trial, state=TrialState.FAIL)
    assert session(worker).run() == ExitCode.FAILURES


def signalled(
    session: Session, ready: Ready, number: signal.Signals, *more: signal.Signals
) -> Callable[[], Script]:
    """A worker during whose work these signals come, and that ends once it is told to drain."""

    def script() -> Script:
        yield ready
        os.kill(os.getpid(), number)
        while not children(session).drained:
            yield "works"
        for another in more:
            os.kill(os.getpid(), another)
            yield "works on"
        yield Leaving("drained")
        yield ExitCode.WORK_LEFT

    return script


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, ExitCode.INTERRUPTED),
        (signal.SIGTERM, ExitCode.WORK_LEFT),
        (signal.SIGUSR1, ExitCode.WORK_LEFT),
        (signal.SIGUSR2, ExitCode.WORK_LEFT),
    ],
)
def test_a_signal_drains(
    session: Callable[..., Session],
    stage: Stage,
    ready: Callable[..., Ready],
    number: signal.Signals,
    code: ExitCode,
) -> None:
    before = signal.getsignal(number)
    run = session()
    children(run).scripts = [signalled(run, ready(stage), number)]
    assert run.run() == code
    assert "stopping" in run.screen.told  # type: ignore[attr-defined]
    assert len(children(run).started) == 1  # no successor
    assert signal.getsignal(number) == before


def test_a_second_signal_ends_at_once(
    session: Callable[..., Session], stage: Stage, ready: Callable[..., Ready]
) -> None:
    run = session()
    script = signalled(run, ready(stage), signal.SIGINT, signal.SIGINT)
    children(run).scripts = [script]
    assert run.run() == ExitCode.INTERRUPTED
    assert Leaving("drained") not in run.screen.told  # type: ignore[attr-defined]
    assert children(run).ended


def test_a_signal_when_everything_is_trained_is_no_interruption(
    session: Callable[..., Session], worker: Callable[[], Script]
) -> None:
    run = session()

    def script() -> Script:
        yield from (said for said in worker() if not isinstance(said, int))
        os.kill(os.getpid(), signal.SIGINT)
        yield "the end"
        yield 0

    children(run).scripts = [script]
    assert run.run() == ExitCode.DONE


def test_the_time_limit_drains(
    session: Callable[..., Session], stage: Stage, ready: Callable[..., Ready]
) -> None:
    run = session(timeout_seconds=1e-9)

    def script() -> Script:
        yield ready(stage)
        while not children(run).drained:
            yield "works"
        yield ExitCode.WORK_LEFT

    children(run).scripts = [script]
    assert run.run() == ExitCode.DONE
    assert "late" in run.screen.told  # type: ignore[attr-defined]


def test_no_trial_of_this_run_stays_running(
    session: Callable[..., Session], stage: Stage, ready: Callable[..., Ready], owner: Owner
) -> None:
    stage.take(replace(owner, boot="another"))
    session(idle(ready(stage), 0)).run()
    assert stage.trials()[0].state == TrialState.FAIL


def test_a_run_that_was_stopped_before_it_began_leaves_work(
    session: Callable[..., Session],
) -> None:
    run = session()

    def script() -> Script:
        os.kill(os.getpid(), signal.SIGTERM)
        while not children(run).drained:
            yield "loads"
        yield ExitCode.WORK_LEFT

    children(run).scripts = [script]
    assert run.run() == ExitCode.WORK_LEFT
    assert run.results is None
