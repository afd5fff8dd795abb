"""One worker, from its first trial to the last."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from optuna.trial import TrialState

from optisearch import Outcome, Study, growth, record
from optisearch.errors import RepeatedFailure, TrainingError
from optisearch.events import Ended, Event, Leaving
from optisearch.failures import SameFailures
from optisearch.record import EndReason
from optisearch.stage import Stage
from optisearch.study import Run
from optisearch.training import OwnLoop
from optisearch.worker import ExitCode, Stop, work


def working(
    stage: Stage, study: Study, stop: Stop | None = None, **options: Any
) -> tuple[ExitCode, list[Event]]:
    events: list[Event] = []
    code = work(
        stage,
        study,
        OwnLoop(study, None),
        stop=stop or Stop(),
        listener=events.append,
        **options,
    )
    return code, events


def reasons(events: list[Event]) -> list[EndReason]:
    return [event.reason for event in events if isinstance(event, Ended)]


def failing(parabola: Study, *when: int) -> Study:
    """The parabola, whose trials of these numbers fail."""
    assert parabola.train is not None
    train = parabola.train

    def sometimes(hp: Any, data: Any, run: Run) -> Outcome | None:
        if run.number in when:
            raise ValueError(f"trial {run.number}")
        return train(hp, data, run)

    return replace(parabola, train=sometimes)


def test_a_worker_trains_the_whole_budget(
    open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    stage = open_parabola(trials=7)
    code, events = working(stage, parabola)
    assert code == ExitCode.DONE
    assert reasons(events) == ["completed"] * 7
    assert events[-1] == Leaving("done")
    assert {trial.state for trial in stage.trials()} == {TrialState.COMPLETE}


def test_a_finished_stage_trains_nothing(
    open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    stage = open_parabola(trials=3)
    working(stage, parabola)
    assert working(stage, parabola) == (ExitCode.DONE, [Leaving("done")])
    assert len(stage.trials()) == 3


def test_failed_trials_are_made_up_for(
    open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    stage = open_parabola(trials=4)
    code, events = working(stage, failing(parabola, 1, 2, 4))
    assert code == ExitCode.DONE
    assert reasons(events).count("completed") == 4
    assert reasons(events).count("failed") == 3


def test_three_failures_in_a_row_stop_the_worker(
    open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    stage = open_parabola(trials=9)
    with pytest.raises(RepeatedFailure) as caught:
        working(stage, failing(parabola, 1, 2, 3))
    assert "ValueError: trial 3" in caught.value.detail
    assert len(stage.trials()) == 4


def test_a_worker_that_is_stopped_interrupts_and_is_taken_up(
    open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    stage, stop = open_parabola(trials=4), Stop()
    assert parabola.train is not None
    train = parabola.train

    def stopped(hp: Any, data: Any, run: Run) -> Outcome | None:
        stop.asked.set()
        return train(hp, data, run)

    code, events = working(stage, replace(parabola, train=stopped), stop)
    assert code == ExitCode.WORK_LEFT
    assert reasons(events) == ["interrupted"]
    assert events[-1] == Leaving("drained")

    code, events = working(stage, parabola)
    assert code == ExitCode.DONE
    assert reasons(events) == ["completed"] * 4
    first, again, *_ = stage.trials()
    assert again.params == first.params
    assert again.system_attrs[record.RETRY_OF] == first.number


def test_a_worker_that_is_stopped_when_nothing_is_left_is_done(
    open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    stage, stop = open_parabola(trials=1), Stop()
    working(stage, parabola)
    stop.asked.set()
    assert working(stage, parabola, stop)[0] == ExitCode.DONE


def test_the_memory_of_each_trial_is_released(
    open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    released = []

    class Loop(OwnLoop):
        def release(self) -> None:
            released.append(True)

    stage = open_parabola(trials=3)
    loop = Loop(failing(parabola, 1), None)
    work(stage, parabola, loop, stop=Stop(), listener=lambda _event: None)
    assert len(released) == 4


def test_a_worker_that_has_grown_asks_for_a_successor(
    open_parabola: Callable[..., Stage], parabola: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "_SETTLED_TRIALS", 1)
    monkeypatch.setattr(growth, "_GROWTH", 0.0)
    stage = open_parabola(trials=4)
    code, events = working(stage, parabola, replaceable=True)
    assert (code, events[-1]) == (ExitCode.WORK_LEFT, Leaving("grown"))
    assert len(stage.trials()) == 2
    assert working(stage, parabola)[0] == ExitCode.DONE  # nobody would replace this one


@pytest.mark.parametrize("replaceable", [True, False])
def test_a_worker_beyond_its_memory_limit_leaves_the_rest_to_another_process(
    open_parabola: Callable[..., Stage], parabola: Study, replaceable: bool
) -> None:
    stage = open_parabola(trials=2)
    options = {"replaceable": replaceable, "memory_limit": 1}
    for trained in (1, 2):
        code, events = working(stage, parabola, **options)
        assert (code, events[-1]) == (ExitCode.WORK_LEFT, Leaving("grown"))
        assert len(stage.trials()) == trained
    assert working(stage, parabola, **options) == (ExitCode.DONE, [Leaving("done")])


def test_a_missing_metric_ends_the_worker(
    open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    study = replace(parabola, maximize="hight")
    with pytest.raises(TrainingError, match="no metric 'hight'"):
        working(open_parabola(study=study), study)


def ended(reason: EndReason, cause: str = "") -> Ended:
    return Ended(3, reason, None, 1.0, cause=cause, error=f"{cause}!")


FAILED = [ended("failed", "A")] * 2


@pytest.mark.parametrize(
    "between",
    [ended("completed"), ended("pruned"), ended("diverged"), ended("failed", "B")],
    ids=lambda event: f"{event.reason} {event.cause}",
)
def test_failures_are_counted_in_a_row_and_by_cause(between: Ended) -> None:
    failures = SameFailures()
    for event in (*FAILED, between, *FAILED):
        failures.note(event)
    with pytest.raises(RepeatedFailure) as caught:
        failures.note(FAILED[0])
    assert str(caught.value) == (
        "trial 3: 3 trials in a row failed with the same cause, so the run was stopped. Correct the "
        "cause and run the same command again: what was trained is kept.\nA!"
    )


def test_ten_failures_in_a_row_are_enough_whatever_their_causes() -> None:
    failures = SameFailures()
    for number in range(9):
        failures.note(replace(FAILED[0], cause=f"cause {number}"))
    with pytest.raises(RepeatedFailure, match="10 trials in a row failed"):
        failures.note(replace(FAILED[0], cause="another"))


def test_interruptions_say_nothing_about_failures() -> None:
    failures = SameFailures()
    for event in (*FAILED, ended("interrupted")):
        failures.note(event)
    with pytest.raises(RepeatedFailure):
        failures.note(FAILED[0])


@pytest.fixture
def restored_signals() -> Iterator[list[signal.Signals]]:
    numbers = [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2]
    before = {number: signal.getsignal(number) for number in numbers}
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_first_signal_drains_and_the_second_ends_at_once(
    restored_signals: list[signal.Signals],
) -> None:
    for number in restored_signals:
        stop = Stop()
        stop.on_signals()
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.usefixtures("restored_signals")
def test_a_managed_worker_leaves_ctrl_c_to_who_started_it() -> None:
    stop = Stop()
    stop.on_signals(ignore_interrupt=True)
    os.kill(os.getpid(), signal.SIGINT)
    assert not stop()


def test_exit_codes_are_those_that_engines_rely_on() -> None:
    assert [int(code) for code in ExitCode] == [0, 1, 2, 75, 130]


def test_the_time_of_the_stage_ends_all_of_its_workers(
    open_parabola: Callable[..., Stage], parabola: Study
) -> None:
    stage = open_parabola(trials=4, timeout_seconds=3600.0)
    assert parabola.train is not None
    train = parabola.train

    def until_the_time_is_up(hp: Any, data: Any, run: Run) -> Outcome | None:
        if run.number == 1:  # another worker's command, say, gave less time
            stage._known.budget = replace(stage.budget, deadline=0.0)
        return train(hp, data, run)

    code, events = working(stage, replace(parabola, train=until_the_time_is_up))
    assert reasons(events)[:2] == ["completed", "interrupted"]
    assert code == ExitCode.DONE

    open_parabola(stage.database, timeout_seconds=1e-9)
    ended = len(stage.trials())
    assert working(stage, parabola) == (ExitCode.DONE, [Leaving("done")])
    assert len(stage.trials()) == ended
