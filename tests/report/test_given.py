"""What is said of trials whose settings were given."""

from typing import Any

from optisearch.reading import StageResults
from optisearch.report import report
from optisearch.report.given import sentences

NewStage = Any  # the class `Stage` of conftest.py

FILE: dict[str, Any] = {"optisearch:given": {}}


def of(trial: int) -> dict[str, Any]:
    return {"optisearch:given": {"stage": "digits/search", "trial": trial}}


def test_nothing_is_said_where_nothing_was_given(stage: StageResults) -> None:
    assert list(sentences(stage)) == []


def test_how_many_by_what_and_whether_the_best_is_one(new_stage: NewStage) -> None:
    point = new_stage.point
    stage = (
        new_stage()
        .add("completed", 0.9)
        .add("completed", 0.8, params=point("sgd", 0.01), system=FILE)
        .add("completed", 0.95, params=point("sgd", 0.1), system=of(41))
        .add("pruned", 0.4, params=point("sgd", 0.5), system=of(7))
        .add("completed", 0.5, params=point("sgd", 0.7))
        .read()
    )
    said = (
        "3 trials had settings that were given: 1 by the study file and 2-3 by digits/search.",
        "The best one was given: by digits/search, where it was trial 41.",
    )
    assert tuple(sentences(stage)) == said
    assert report(stage).evidence[1:3] == said


def test_a_repeated_trial_counts_once(new_stage: NewStage) -> None:
    again = {"optisearch:retry_of": 0, "optisearch:first_attempt": 0} | FILE
    stage = new_stage().add("lost", system=FILE).add("completed", 0.9, system=again).read()
    assert list(sentences(stage)) == [
        "1 trial had settings that were given: 1 by the study file.",
        "The best one was given: by the study file.",
    ]
