"""Whose turn it is to publish."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from optisearch import record
from optisearch.lease import Owner
from optisearch.publishing.turn import Turn
from optisearch.storage import Database, attributes

Stored = Any  # the class of conftest.py
ELSEWHERE = Owner("elsewhere", "another boot", 41, 1.7e9)


@pytest.fixture
def turn(stored: Stored) -> Callable[..., Turn]:
    """One of those who want the turn: on another machine, where nobody sees whether it lives."""
    return lambda owner=ELSEWHERE, seconds=60.0: Turn(
        stored.database, stored.study_id, seconds, replace(owner, host=f"{owner.host}")
    )


def expire(stored: Stored) -> None:
    """Let its time be up."""
    held = stored.attributes[record.PUBLISHER]
    held["until"] = str(stored.database.now() - timedelta(seconds=0.001))
    stored.study._storage.set_study_system_attr(stored.study_id, record.PUBLISHER, held)


def test_one_has_it_at_a_time(turn: Callable[..., Turn], stored: Stored) -> None:
    one, other = turn(), turn()
    assert one.left() == 0.0
    assert one.take()
    assert 50.0 < other.left() <= 60.0
    assert not other.take()
    assert one.left() == 0.0
    assert one.take()  # renewed
    expire(stored)
    assert other.left() == 0.0
    assert other.take()
    assert not one.take()


def test_who_gives_it_back_lets_others_have_it(turn: Callable[..., Turn]) -> None:
    one, other = turn(), turn()
    one.take()
    other.give_back()  # of no effect: it isn't theirs
    assert not other.take()
    one.give_back()
    assert other.take()


def test_that_of_a_process_that_is_gone_is_nobody_s(
    turn: Callable[..., Turn], owner: Owner
) -> None:
    gone = turn(replace(owner, started=1.0))
    assert gone.take()
    assert turn().take()


def test_a_clock_that_is_wrong_keeps_nobody_waiting_for_long(
    turn: Callable[..., Turn], stored: Stored
) -> None:
    turn().take()
    held = stored.attributes[record.PUBLISHER]
    held["until"] = str(stored.database.now() + timedelta(hours=1))
    stored.study._storage.set_study_system_attr(stored.study_id, record.PUBLISHER, held)
    assert turn(seconds=15.0).left() == 15.0


def test_in_a_stage_that_is_gone_nobody_has_it(
    turn: Callable[..., Turn], stored: Stored, again: Callable[[], Database]
) -> None:
    one = turn()
    one.take()
    again().storage.delete_study(stored.study_id)
    for act in (one.left, one.take):
        with pytest.raises(KeyError):
            act()
    left = attributes.starting(stored.database.storage, stored.study_id, ("optisearch:",))
    assert left == {}
