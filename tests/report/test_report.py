"""What is said, and what is said where there is little to say."""

from typing import Any

import pytest

from optisearch.reading import StageResults
from optisearch.report import report
from optisearch.report.render import TEXT_FORMATS, to_text

NewStage = Any  # the class `Stage` of conftest.py


def test_the_answer_comes_first(stage: StageResults) -> None:
    told = report(stage)
    assert told.title == "Toy: which optimizer learns | best?"
    assert told.about == (
        "toy/search · val_accuracy, higher is better",
        "toy · 1,437 train · 180 validation · 180 test",
    )
    assert told.answer == (
        "Best val_accuracy 0.9500 in trial 1: "
        "optimizer sgd, learning_rate 0.1, regularization none, epochs 4."
    )
    assert told.evidence == (
        "5 of 20 trials trained: 3 completed, 1 pruned and 1 diverged.",
        "Beside them: 1 failed and 1 running.",
        "The baseline reached 0.9000 in trial 0: 0.0500 behind.",
        (
            "It is the highest of 3 values from one seed each, chosen by an adaptive sampler: "
            "an optimistic figure. Expect a little less from another seed."
        ),
    )
    titles = [section.title for section in told.sections]
    assert titles == [
        "Best configuration",
        "Leaderboard",
        "Factors",
        "Importance",
        "Progress",
        "Failed and lost trials",
    ]


@pytest.mark.parametrize(
    ("endings", "answer"),
    [
        ([], "No trial has been started yet."),
        (["waiting"], "No trial has been started yet."),
        (["running", "running"], "No trial has ended yet: 2 trials in training."),
        (["diverged"] * 3, "No trial has completed yet, so there is nothing to choose from."),
        (["pruned"] * 3, "No trial has completed yet, so there is nothing to choose from."),
        (["failed", "lost"], "No trial has completed yet, so there is nothing to choose from."),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_not_enough_yet_is_a_sentence(
    new_stage: NewStage,
    endings: list[str],
    answer: str,
    declared: bool,  # pytest gives keywords
) -> None:
    built = new_stage(declared=declared)
    for ending in endings:
        built.add(ending)
    told = report(built.read())
    assert told.answer == answer
    assert all(to_text(told, name) for name in TEXT_FORMATS)


def test_one_trial_is_no_choice(new_stage: NewStage) -> None:
    told = report(new_stage().add("completed", 0.5).read())
    assert told.evidence == (
        "1 of 20 trials trained: 1 completed.",
        "That is the baseline: nothing better was found.",
        "One trial and one seed: there is nothing yet to compare it with.",
    )


def test_equal_values_are_named(new_stage: NewStage) -> None:
    other = new_stage.point("sgd")
    told = report(new_stage().add("completed", 0.5, params=other).add("completed", 0.5).read())
    assert "The baseline, trial 1, reached the same value." in told.evidence
    assert "Trial 1 reached the same value." not in told.evidence


def test_without_its_baseline(new_stage: NewStage) -> None:
    told = report(new_stage().add("completed", 0.5, params=new_stage.point("sgd")).read())
    assert "The baseline itself is not among the completed trials." in told.evidence


def test_a_plain_optuna_study(new_stage: NewStage) -> None:
    built = new_stage(declared=False).add("completed", 0.5).add("completed", 0.6, params={})
    told = report(built.read())
    assert told.title == "toy/search"
    assert told.answer == "Best value 0.6000 in trial 1."
    assert not any("baseline" in sentence for sentence in told.evidence)
