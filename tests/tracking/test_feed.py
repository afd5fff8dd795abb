"""A tool that is slow, away or broken, and what becomes of the trials that it is to be told of."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from tests.processes.waiting import wait_until

from optisearch.events import Ended
from optisearch.tracking.feed import Feed, Story
from optisearch.tracking.interface import Subject

from .board import Board


@dataclass
class Fed:
    """A feed to a board, and what it said."""

    board: Board
    said: list[str]
    feed: Feed
    subject: Subject

    def begin(self, number: int) -> Story:
        story = Story(replace(self.subject, number=number))
        self.feed.begin(story)
        return story

    def trained(self, number: int) -> None:
        """A whole trial of two epochs."""
        story = self.begin(number)
        story.rows += [{"epoch": 0, "seconds": 0.0}, {"epoch": 1, "seconds": 0.0}]
        story.ended = Ended(number, "completed", 1.0, 0.1)
        self.feed.wake()

    def close(self, seconds: float = 60.0) -> None:
        self.feed.close()
        self.feed.wait(time.monotonic() + seconds)


@pytest.fixture
def fed(subject: Subject) -> Iterator[Fed]:
    board, said = Board(), []
    fed = Fed(board, said, Feed("board", lambda: board, said.append, rest_seconds=0.01), subject)
    yield fed
    board.held.set()
    fed.close()


def test_a_trial_is_told_while_it_trains_and_to_its_end(fed: Fed) -> None:
    story = fed.begin(3)
    wait_until(lambda: 3 in fed.board.told, "it was begun before its first epoch")
    story.rows.append({"epoch": 0, "seconds": 0.1})
    fed.feed.wake()
    wait_until(lambda: fed.board.told[3] == [0], "its epoch is told before it ends")
    story.ended = Ended(3, "pruned", 0.5, 0.1)
    fed.close()
    assert fed.board.told == {3: [0, "pruned"]}
    assert fed.said == []


def test_nobody_waits_for_a_tool_that_hangs(fed: Fed) -> None:
    fed.board.held.clear()
    began = time.monotonic()
    for number in range(5):
        fed.trained(number)
    fed.close(0.05)
    assert time.monotonic() - began < 5.0
    assert fed.said == ["logging: board doesn't have the whole of 5 trials"]


def test_an_outage_is_said_once_and_made_up_for(fed: Fed) -> None:
    fed.board.away = lambda _number: True
    story = fed.begin(0)
    story.rows.append({"epoch": 0, "seconds": 0.1})
    wait_until(lambda: fed.board.asked > 5, "it was tried again and again")
    fed.board.away = lambda _number: False
    story.ended = Ended(0, "completed", 1.0, 0.1)
    fed.trained(1)
    fed.close()
    assert fed.board.told == {0: [0, "completed"], 1: [0, 1, "completed"]}
    error = "ConnectionError: https://***@board is away"
    assert fed.said == [f"logging: board can't be told ({error}): trials go on without it"]


def test_a_trial_that_a_tool_never_takes_is_left_out(fed: Fed) -> None:
    fed.board.away = lambda number: number == 1
    for number in range(3):
        fed.trained(number)
    wait_until(lambda: 2 in fed.board.told, "the next one has its turn")
    fed.close()
    assert fed.board.told == {0: [0, 1, "completed"], 2: [0, 1, "completed"]}
    assert fed.said[1:] == ["logging: board doesn't have the whole of 1 trial"]


def test_one_that_comes_back_in_the_middle_has_each_epoch_once(fed: Fed) -> None:
    story = fed.begin(0)
    wait_until(lambda: 0 in fed.board.told, "it was begun")
    fed.board.away = lambda _number: True
    story.rows.append({"epoch": 0, "seconds": 0.1})
    asked = fed.board.asked
    fed.feed.wake()
    wait_until(lambda: fed.board.asked > asked, "the epoch was tried")
    story.rows.append({"epoch": 1, "seconds": 0.1})
    fed.board.away = lambda _number: False
    story.ended = Ended(0, "completed", 1.0, 0.1)
    fed.close()
    assert fed.board.told == {0: [0, 1, "completed"]}


def test_a_client_that_cannot_be_opened_is_an_outage_like_others(subject: Subject) -> None:
    said: list[str] = []

    def broken() -> Board:
        raise ImportError("no module named board")

    fed = Fed(Board(), said, Feed("board", broken, said.append, rest_seconds=0.01), subject)
    fed.trained(0)
    fed.close()
    assert said == [
        "logging: board can't be told (ImportError: no module named board): trials go on without it",
        "logging: board doesn't have the whole of 1 trial",
    ]
