"""The front of several objectives, in tables and sentences."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from optisearch.objectives import Objective
from optisearch.plan import Confirmation, Contestant
from optisearch.publishing.figures import draw_all
from optisearch.reading import Crew, StageInfo, StageResults, TrialResult
from optisearch.report import Typed, pareto_front, render, report, stored

OTHERS = (Objective("parameters"), Objective("seconds_to_target", target=0.5))
INFO = StageInfo("x/search", "x", "search", "", "score", "maximize", others=OTHERS, declared=True)


def trial(number: int, value: float, *others: float) -> TrialResult:
    return TrialResult(number, "completed", value, {"x": number}, others=others)


@pytest.fixture
def stage() -> StageResults:
    return StageResults(
        INFO,
        (
            trial(0, 0.7, 100, 2.0),
            trial(1, 0.9, 4000, 1.5),
            trial(2, 0.6, 100, 2.5),
            trial(3, 0.4, 50, float("inf")),
            TrialResult(4, "pruned", last_epoch=0, last_value=0.1),
            TrialResult(5, "diverged", -float("inf"), others=(float("inf"),) * 2),
        ),
    )


def test_the_front_is_listed_with_each_objective_the_best_by_the_first_first(
    stage: StageResults,
) -> None:
    section = pareto_front.section(stage)
    assert section is not None
    [table] = section.tables
    assert [(each.name, each.kind) for each in table.columns[:4]] == [
        ("trial", "count"),
        ("score", "metric"),
        ("parameters", "count"),
        ("seconds_to_target", "seconds"),
    ]
    assert table.rows == (
        (1, 0.9, 4000, 1.5, "x 1"),
        (0, 0.7, 100, 2.0, "x 0"),
        (3, 0.4, 50, Typed("not reached", "text"), "x 3"),
    )
    assert table.trials == ((1,), (0,), (3,))
    assert "Pruned trials, which stood badly by score, have no place." in table.notes


def test_a_long_front_is_cut_and_says_so() -> None:
    trials = tuple(trial(number, number / 100, number, 1.0) for number in range(30))
    section = pareto_front.section(StageResults(INFO, trials))
    assert section is not None
    assert len(section.tables[0].rows) == 20
    assert "The first 20 of them." in section.tables[0].notes


def test_with_one_objective_there_is_no_front(stage: StageResults) -> None:
    info = StageInfo("x/search", "x", "search", "", "score", "maximize")
    assert pareto_front.section(StageResults(info, stage.trials)) is None


@pytest.mark.parametrize("how", ["terminal", "markdown", "html"])
def test_each_format_has_it(stage: StageResults, how: str) -> None:
    told = report(stage)
    front = "3 of 4 completed trials are on the Pareto front of score, parameters and seconds_to"
    assert any(sentence.startswith(front) for sentence in told.evidence)
    assert told.about[0].endswith(
        "score, higher is better · parameters, lower is better · seconds_to_target, lower is better"
    )
    if how != "terminal":
        text = render.to_text(told, how)
        assert "Pareto front" in text
        assert "4,000" in text
        assert "not reached" in text


def test_programs_read_all_values(stage: StageResults) -> None:
    told = report(stage)
    rows = list(csv.DictReader(io.StringIO(render.to_text(told, "csv"))))
    assert [row["objectives_parameters"] for row in rows] == [
        *("100", "4000", "100", "50", "", "inf")
    ]
    trials: list[Any] = json.loads(render.to_text(told, "json"))["trials"]
    assert trials[3]["others"] == [50, "inf"]


def test_a_confirmation_says_by_what_its_winner_was_chosen() -> None:
    info = replace(INFO, stage="confirm", others=(), unweighed=OTHERS)
    plan = Confirmation((Contestant("winner", {"x": 1}, 1, 0.9),), seeds=1)
    [cell] = plan.cells(plan.contestants[0])
    done = replace(trial(0, 0.8), cell=cell.key)
    said = "It was chosen by score alone: parameters and seconds_to_target had no weight in it."
    assert said in report(StageResults(info, (done,), plan)).evidence
    assert said not in report(StageResults(replace(info, unweighed=()), (done,), plan)).evidence


def test_status_counts_the_front(stage: StageResults) -> None:
    [table] = stored([(stage, Crew(()))], datetime(2026, 1, 1)).tables
    at = [column.name for column in table.columns].index("on the front")
    assert table.rows[0][at] == 3


def test_optuna_dashboard_is_given_the_figure_of_two_objectives(stage: StageResults) -> None:
    info = replace(INFO, others=OTHERS[:1])
    trials = tuple(replace(each, others=each.others[:1]) for each in stage.trials)
    assert "optisearch-front" in draw_all(report(StageResults(info, trials)), 6)
    assert "optisearch-front" not in draw_all(report(stage), 6)
