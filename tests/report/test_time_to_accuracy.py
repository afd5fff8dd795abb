"""How soon a search's trials reached a target."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from optisearch.reading import StageResults
from optisearch.report import best as best_table
from optisearch.report import report
from optisearch.report.table import Typed
from optisearch.report.time_to_accuracy import section

NewStage = Any  # the class `Stage` of conftest.py


def history(seconds: float, *values: float | str) -> dict[str, Any]:
    rows = [
        {"epoch": epoch, "seconds": seconds, "val_accuracy": value}
        for epoch, value in enumerate(values)
    ]
    return {"optisearch:history": rows}


@pytest.fixture
def stage(new_stage: NewStage) -> StageResults:
    point = new_stage.point
    return (
        new_stage()
        .add("completed", 0.8, system=history(1.0, 0.5, 0.7, 0.8))
        .add("completed", 0.9, params=point("sgd", 0.1), system=history(2.0, 0.8, 0.9))
        .add("pruned", 0.6, params=point("sgd", 0.2), system=history(0.5, 0.85, 0.6))
        .add("diverged", 0.1, params=point("sgd", 0.9), system=history(0.1, 0.9, "nan"))
        .add("completed", 0.7, params=point("sgd", 0.3), system=history(0.1, 0.6, 0.7))
        .add("failed", error="ValueError: a")
        .read()
    )


def waiting_for(stage: StageResults, target: float) -> StageResults:
    return replace(stage, info=replace(stage.info, target=target))


def rows(stage: StageResults) -> Sequence[tuple[Any, ...]]:
    found = best_table.section(stage)
    assert found is not None
    return [row for row in found.tables[0].rows if " to 0." in row[0]]


def test_the_soonest_come_first(stage: StageResults) -> None:
    found = section(waiting_for(stage, 0.8))
    assert found is not None
    (table,) = found.tables
    assert [column.name for column in table.columns] == [
        "trial",
        "time to target",
        "epochs to target",
        "val_accuracy at its end",
        "differs from the baseline in",
    ]
    assert table.rows == (
        (2, 0.5, 1, 0.6, "sgd, learning_rate 0.2"),
        (1, 2.0, 1, 0.9, "sgd, learning_rate 0.1"),
        (0, 3.0, 3, 0.8, "nothing"),
    )
    assert table.trials == ((2,), (1,), (0,))
    assert table.notes[0] == (
        "3 of 4 trials reached val_accuracy 0.8000 after some epoch, maybe for that one only."
    )


def test_less_is_reached_where_less_is_better(stage: StageResults) -> None:
    found = section(replace(stage, info=replace(stage.info, target=0.6, direction="minimize")))
    assert found is not None
    assert [row[:3] for row in found.tables[0].rows] == [(4, 0.1, 1), (0, 1.0, 1), (2, 1.0, 2)]


def test_nobody_there_is_a_sentence(stage: StageResults) -> None:
    found = section(waiting_for(stage, 0.95))
    assert found is not None
    assert not found.tables
    assert found.notes[0].startswith("0 of 4 trials reached val_accuracy 0.9500 ")


def test_without_a_target_or_a_trial_there_is_nothing(
    stage: StageResults, new_stage: NewStage
) -> None:
    assert section(stage) is None
    assert section(waiting_for(new_stage().read(), 0.5)) is None
    titles = [each.title for each in report(waiting_for(stage, 0.5)).sections]
    assert titles[1:3] == ["Leaderboard", "Time to accuracy"]


def test_the_best_is_measured_by_what_the_baseline_reached(stage: StageResults) -> None:
    assert rows(stage) == [
        ("epochs to 0.8000", Typed(1, "count"), Typed(3, "count")),
        ("time to 0.8000", Typed(2.0, "seconds"), Typed(3.0, "seconds")),
    ]


def test_or_by_the_study_s_target(stage: StageResults) -> None:
    never = Typed("not reached", "text")
    assert rows(waiting_for(stage, 0.9)) == [
        ("epochs to 0.9000", Typed(2, "count"), never),
        ("time to 0.9000", Typed(4.0, "seconds"), never),
    ]


def test_a_best_baseline_is_not_measured_by_itself(new_stage: NewStage) -> None:
    stage = new_stage().add("completed", 0.8, system=history(1.0, 0.7, 0.8)).read()
    assert rows(stage) == []
    assert rows(waiting_for(stage, 0.7))[0][1:] == (Typed(1, "count"), Typed(1, "count"))


def test_nothing_is_said_of_trials_without_epochs(new_stage: NewStage) -> None:
    stage = new_stage().add("completed", 0.8).add("completed", 0.9, params=new_stage.point("sgd"))
    assert rows(stage.read()) == []
