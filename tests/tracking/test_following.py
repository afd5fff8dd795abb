"""A worker's trials, as tools are told of them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import optuna
import pytest

from optisearch import Outcome, Study, record
from optisearch.errors import TrainingError
from optisearch.events import silence
from optisearch.lease import Owner
from optisearch.live_run import LiveRun
from optisearch.record import EndReason
from optisearch.stage import Stage
from optisearch.study import Run
from optisearch.tracking import Following
from optisearch.tracking.feed import Feed
from optisearch.training import OwnLoop
from optisearch.worker import Stop, work

from .board import Board


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def following(board: Board, said: list[str]) -> Iterator[Following]:
    yield Following([Feed("board", lambda: board, said.append)], "sqlite:///r.db")
    assert said == []


def working(stage: Stage, study: Study, following: Following, stop: Stop | None = None) -> None:
    with following:
        work(
            stage,
            study,
            OwnLoop(study, None),
            stop=stop or Stop(),
            listener=silence,
            following=following,
        )


def test_the_client_is_there_before_the_first_trial(board: Board) -> None:
    def slowly() -> Board:
        threading.Event().wait(0.05)
        opened.append(board)
        return board

    opened: list[Board] = []
    with Following([Feed("board", slowly, print)]):
        assert opened == [board]


def test_every_trial_is_told_with_all_of_its_metrics(
    open_parabola: Callable[..., Stage], parabola: Study, following: Following, board: Board
) -> None:
    stage = open_parabola(trials=5)
    working(stage, parabola, following)
    trials = stage.trials()
    assert [subject.number for subject in board.subjects] == [trial.number for trial in trials]
    for subject, trial in zip(board.subjects, trials, strict=True):
        assert subject.params == trial.params
        assert subject.seed == trial.user_attrs[record.SEED]
        assert subject.worker == trial.user_attrs[record.WORKER]
        assert subject.started == trial.datetime_start
        assert (subject.stage, subject.storage) == ("parabola/search", "sqlite:///r.db")
        assert subject.earlier == ()
        assert board.rows[trial.number] == trial.system_attrs[record.HISTORY]
        assert board.told[trial.number][-1] == "completed"
    assert len({subject.key for subject in board.subjects}) == 5


def test_a_cell_s_seed_is_no_hyperparameter(
    open_compare: Callable[..., Stage], parabola: Study, following: Following, board: Board
) -> None:
    stage = open_compare(seeds=2)
    working(stage, parabola, following)
    assert len({subject.seed for subject in board.subjects}) == 2
    assert all("seed" not in subject.params for subject in board.subjects)


def test_a_trial_taken_up_again_is_the_same_one(
    open_parabola: Callable[..., Stage], parabola: Study, following: Following, board: Board
) -> None:
    stage, stop = open_parabola(trials=2), Stop()
    assert parabola.train is not None
    train = parabola.train

    def interrupted(hp: Any, data: Any, run: Run) -> Outcome | None:
        stop.asked.set()
        return train(hp, data, run)

    working(stage, replace(parabola, train=interrupted), following, stop)
    assert board.told == {0: [0, "interrupted"]}
    again = Following([Feed("board", lambda: board, print)], "sqlite:///r.db")
    working(stage, parabola, again)
    assert [(subject.number, subject.earlier) for subject in board.subjects] == [
        (0, ()),
        (1, (0,)),
        (2, ()),
    ]
    keys = [subject.key for subject in board.subjects]
    assert keys[0] == keys[1] != keys[2]


def test_epochs_that_are_gone_on_from_are_told_too(
    open_parabola: Callable[..., Stage], owner: Owner, following: Following, board: Board
) -> None:
    trial = open_parabola(trials=1).take(owner)
    assert isinstance(trial, optuna.Trial)
    with following:
        following.begin(trial)
        trainer: Any = None
        run = LiveRun(trial, "height", 3, 1, bool, silence, trainer, follow=following.row)
        run.go_on([{"epoch": 0, "seconds": 1.0, "height": 0.5}])
        run.report(1, {"height": 0.75})
    assert [row["height"] for row in board.rows[0]] == [0.5, 0.75]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (None, "interrupted"),  # by a second signal
        (TrainingError("there is no metric"), "failed"),
        (ConnectionError("the database is gone"), "lost"),
    ],
)
def test_a_trial_that_the_worker_cannot_end(
    open_parabola: Callable[..., Stage],
    owner: Owner,
    following: Following,
    board: Board,
    error: Exception | None,
    reason: EndReason,
) -> None:
    trial = open_parabola(trials=1).take(owner)
    assert isinstance(trial, optuna.Trial)
    following.begin(trial)
    following.__exit__(type(error) if error is not None else None, error, None)
    assert board.told == {0: [reason]}
