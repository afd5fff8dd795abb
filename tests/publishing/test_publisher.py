"""A publisher at work: when it publishes, when it doesn't, and that nothing ends it."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState, create_trial
from optuna_dashboard import get_note
from tests.processes.waiting import wait_until

from optisearch import record
from optisearch.errors import OptisearchError
from optisearch.lease import Owner
from optisearch.publishing import Publisher, publication, publisher
from optisearch.publishing.turn import Turn
from optisearch.storage import Database

Stored = Any  # the class of conftest.py
SOON = 0.02


@pytest.fixture
def publishing(stored: Stored, again: Callable[[], Database]) -> Callable[..., Publisher]:
    """A publisher that is quick, over connections of its own."""
    return lambda **more: Publisher(
        again(), stored.study_id, **({"every_seconds": SOON, "watches": True} | more)
    )


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When something was computed, one after the other."""
    times: list[float] = []
    prepare = publication.prepare

    def noting(*args: Any) -> Any:
        times.append(time.monotonic())
        return prepare(*args)

    monkeypatch.setattr(publisher, "prepare", noting)
    return times


def says(stored: Stored, trials: int) -> bool:
    return f"from {trials} trials that have ended" in get_note(stored.study)


def test_it_publishes_while_trials_land(
    stored: Stored, publishing: Callable[..., Publisher]
) -> None:
    with publishing():
        wait_until(lambda: says(stored, 2), "the first is published")
        stored.add(3)
        wait_until(lambda: says(stored, 5), "more is published")
    assert record.PUBLISHER not in stored.attributes


def test_nothing_is_computed_while_no_trial_ends(
    stored: Stored, publishing: Callable[..., Publisher], computed: list[float]
) -> None:
    with publishing(lease_seconds=0.5):
        wait_until(lambda: says(stored, 2), "it is published")
        first = stored.attributes[record.PUBLISHER]["until"]
        wait_until(
            lambda: stored.attributes[record.PUBLISHER]["until"] > first, "it goes on looking"
        )
    with publishing():  # another one finds it done
        pass
    assert len(computed) == 1


def test_a_stage_in_which_nothing_was_trained_isn_t_published(
    again: Callable[[], Database], stored: Stored, computed: list[float]
) -> None:
    database = again()
    empty = optuna.create_study(study_name="empty", storage=database.storage)
    for add in ([], [TrialState.FAIL], [TrialState.PRUNED]):
        assert computed == []
        for state in add:
            empty.add_trial(create_trial(state=state))
        with Publisher(database, empty._study_id, every_seconds=SOON, watches=True):
            pass
    assert len(computed) == 1


def test_what_ends_last_is_published_at_the_end(
    stored: Stored, publishing: Callable[..., Publisher]
) -> None:
    with publishing(every_seconds=3600.0, lease_seconds=3600.0):
        wait_until(lambda: says(stored, 2), "the first is published")
        stored.add()
    assert says(stored, 3)


def test_while_it_is_somebody_else_s_turn_a_worker_leaves_it_to_them(
    stored: Stored, publishing: Callable[..., Publisher], computed: list[float]
) -> None:
    elsewhere = Turn(stored.database, stored.study_id, 60.0, Owner("x", "y", 1, 1.0))
    elsewhere.take()
    with publishing(watches=False):
        pass
    assert computed == []
    with publishing(watches=True):  # what came last is known to nobody else, maybe
        pass
    assert says(stored, 2)


def test_it_takes_over_when_the_lease_is_over(
    stored: Stored, publishing: Callable[..., Publisher]
) -> None:
    elsewhere = Turn(stored.database, stored.study_id, 0.1, Owner("x", "y", 1, 1.0))
    elsewhere.take()
    with publishing(watches=False, spread_seconds=0.1):
        wait_until(lambda: says(stored, 2), "another one takes over")
        assert stored.attributes[record.PUBLISHER]["token"] != elsewhere.token


def test_by_default_another_one_takes_over_within_half_a_minute() -> None:
    looks_after = publisher.LEASE_SECONDS + publisher.SPREAD_SECONDS
    assert looks_after + publisher.EVERY_SECONDS <= 30.0


def test_a_worker_that_has_a_starter_leaves_it_to_that_one(
    stored: Stored, publishing: Callable[..., Publisher]
) -> None:
    is_alone = False
    with publishing(watches=False, contends=lambda: is_alone):
        stored.add()
        assert record.PUBLISHER not in stored.attributes
        is_alone = True
        wait_until(lambda: says(stored, 3), "it is published")


@pytest.mark.parametrize(("watches", "share"), [(False, 0.02), (True, 0.05)])
def test_it_spends_but_a_small_share_of_the_time_on_it(
    stored: Stored,
    publishing: Callable[..., Publisher],
    monkeypatch: pytest.MonkeyPatch,
    watches: bool,
    share: float,
) -> None:
    """Each publication takes 10 s, by a clock that the test turns."""
    clock, begun = [0.0], list[float]()
    monkeypatch.setattr(publisher.time, "monotonic", lambda: clock[0])
    prepare = publication.prepare

    def slow(*args: Any) -> Any:
        begun.append(clock[0])
        clock[0] += 10.0
        return prepare(*args)

    monkeypatch.setattr(publisher, "prepare", slow)
    it = publishing(watches=watches, every_seconds=5.0)
    for _ in range(400):
        it._round()
        clock[0] += 5.0
        stored.add() if len(begun) < 3 else None
    assert begun[1] - begun[0] < 20.0  # the first one imports: that isn't counted
    assert begun[2] - begun[1] >= 10.0 / share


def test_no_error_ends_it_and_each_is_said_once(
    stored: Stored,
    publishing: Callable[..., Publisher],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tries: list[int] = []

    def failing(*_: Any) -> Any:
        tries.append(1)
        raise OptisearchError("nobody can draw this")

    monkeypatch.setattr(publisher, "_FAULT_SECONDS", SOON)
    with monkeypatch.context() as broken:
        broken.setattr(publisher, "prepare", failing)
        it = publishing()
        it.__enter__()
        wait_until(lambda: len(tries) > 2, "it tries again and again")
    wait_until(lambda: says(stored, 2), "it is published")
    it.__exit__(None, None, None)
    said = capsys.readouterr().err
    assert said.count("publishing:") == 1
    assert "nobody can draw this" in said


def test_a_stage_that_is_deleted_is_no_error(
    stored: Stored,
    publishing: Callable[..., Publisher],
    again: Callable[[], Database],
    capsys: pytest.CaptureFixture[str],
) -> None:
    it = publishing()
    with it:
        wait_until(lambda: says(stored, 2), "it is published")
        again().storage.delete_study(stored.study_id)
        wait_until(lambda: not it._is_ours, "it has noticed")
    assert capsys.readouterr().err == ""


def test_in_memory_there_is_nobody_to_be_shown_anything() -> None:
    database = Database.in_memory()
    with Publisher(database, 0) as it:
        assert not it._thread.is_alive()


def test_the_process_that_publishes_is_known(stored: Stored, owner: Owner) -> None:
    with Publisher(stored.database, stored.study_id, watches=True):
        wait_until(lambda: record.PUBLISHER in stored.attributes, "it has the turn")
        held = Owner.from_stored(stored.attributes[record.PUBLISHER]["owner"])
    assert replace(held, heartbeat_seconds=owner.heartbeat_seconds) == owner
