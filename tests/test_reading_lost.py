"""What becomes of attempts that were interrupted or lost."""

from collections.abc import Callable
from typing import Any

import pytest
from optuna import Trial
from optuna.trial import TrialState

from optisearch import Comparison, record
from optisearch.lease import Owner
from optisearch.reading import StageInfo, StageResults, TrialResult, read_stage, unfinished
from optisearch.stage import Stage

INFO = StageInfo("toy/search", "toy", "search", "", "loss", "minimize", trials=5, declared=True)


def fates(*trials: TrialResult, info: StageInfo = INFO) -> dict[int, str]:
    return {each.trial.number: each.fate for each in unfinished(StageResults(info, trials))}


def lost(number: int, first: int | None = None, **more: Any) -> TrialResult:
    return TrialResult(number, "lost", first_attempt=first, **more)


def test_one_that_was_lost_is_repeated() -> None:
    again = TrialResult(1, "completed", 0.5, retry_of=0, first_attempt=0)
    [found] = unfinished(StageResults(INFO, (lost(0, superseded=True), again)))
    assert (found.fate, found.retry, found.attempts) == (
        "repeated",
        again,
        (lost(0, superseded=True), again),
    )
    assert found.losses == (lost(0, superseded=True),)


def test_as_long_as_the_budget_lasts() -> None:
    trained = [TrialResult(number, "completed", 0.5) for number in range(5)]
    assert fates(*trained[:4], lost(5)) == {5: "to be repeated"}
    assert fates(*trained, lost(5)) == {5: "no longer needed"}


@pytest.mark.parametrize(
    ("last", "fate"), [("lost", "given up"), ("interrupted", "to be repeated")]
)
def test_four_losses_are_the_end_and_interruptions_are_none(last: Any, fate: str) -> None:
    attempts = (
        lost(0),
        lost(1, 0, retry_of=0),
        lost(2, 0, retry_of=1),
        TrialResult(3, last, retry_of=2, first_attempt=0),
    )
    assert fates(*attempts) == {0: "repeated", 1: "repeated", 2: "repeated", 3: fate}


def test_cells_are_given_up_as_the_workers_do(
    open_compare: Callable[..., Stage], owner: Owner
) -> None:
    stage = open_compare(Comparison("shape"), seeds=1)
    storage = stage.database.storage
    stage.take(owner)  # another cell, in training all the while
    for reason in ("lost", "interrupted", "lost", "lost", "lost"):
        trial = stage.take(owner)
        assert isinstance(trial, Trial)
        storage.set_trial_user_attr(trial._trial_id, record.END_REASON, reason)
        storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
    found = {each.trial.number: each.fate for each in unfinished(read_stage(stage.study))}
    assert list(found.values()) == ["repeated"] * 4 + ["given up"]
