"""The same report in every format."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from optisearch.reading import StageResults
from optisearch.report import Column, Report, Section, Table, report
from optisearch.report.render import TEXT_FORMATS, terminal, to_text

NewStage = Any  # the class `Stage` of conftest.py


def drawn(told: Report, width: int, *, colour: bool = False) -> str:
    target = io.StringIO()
    terminal.render(told, Console(file=target, width=width, force_terminal=colour))
    return target.getvalue()


def without_padding(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def test_markdown(stage: StageResults, golden: Callable[[str, str], None]) -> None:
    golden("report.md", to_text(report(stage), "markdown"))


@pytest.mark.parametrize("width", [80, 60])
def test_terminal(stage: StageResults, golden: Callable[[str, str], None], width: int) -> None:
    golden(f"report-{width}.txt", without_padding(drawn(report(stage), width)))


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 200])
def test_no_line_is_too_long_and_no_number_is_cut(searched: StageResults, width: int) -> None:
    text = drawn(report(searched), width)
    assert max(map(len, text.splitlines())) <= min(width, 100)
    # The numbers of the leaderboard's cells, whole.
    for trial in searched.ranked[:10]:
        assert re.search(rf"(?<!\d){trial.number}(?!\d)", text)
        assert f"{trial.value:.4f}" in text


def test_control_codes_only_in_a_terminal(stage: StageResults) -> None:
    assert "\x1b" not in drawn(report(stage), 80)
    assert "\x1b[1m" in drawn(report(stage), 80, colour=True)


def test_a_failure_can_t_send_control_codes(new_stage: NewStage) -> None:
    told = report(new_stage().add("failed", error="E: \x1b[31mred [bold]x[/bold]").read())
    text = drawn(told, 100)
    assert "\x1b" not in text
    assert "E: red [bold]x[/bold]" in text
    assert "\x1b" not in to_text(told, "markdown")


def test_markdown_escapes_what_would_break_a_table(new_stage: NewStage) -> None:
    table = Table("", (Column("a|b"),), (("x|y\n<b>*`",),))
    stage = new_stage().read()
    told = Report("t", (), "a", (), (Section("s", (table,)),), stage)
    assert "| a\\|b |\n| --- |\n| x\\|y &lt;b>\\*\\` |" in to_text(told, "markdown")


def test_csv_has_a_row_per_trial(stage: StageResults) -> None:
    rows = list(csv.DictReader(io.StringIO(to_text(report(stage), "csv"))))
    assert [row["ending"] for row in rows] == [trial.ending for trial in stage.trials]
    best = rows[1]
    assert float(best["value"]) == 0.95
    assert float(best["metrics_val_accuracy"]) == 0.95
    assert best["params_optimizer"] == "sgd"
    assert best["params_penalty"] == ""
    assert best["started"] == "2024-05-01T12:00:10"
    assert rows[3]["value"] == "-inf"
    assert rows[5]["superseded"] == "True"
    assert rows[6]["retry_of"] == "5"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n"])
def test_csv_texts_are_no_formulas(new_stage: NewStage, start: str) -> None:
    told = report(new_stage().add("failed", error=f"{start}cmd|' /C calc'!A0").read())
    [row] = csv.DictReader(io.StringIO(to_text(told, "csv")))
    assert row["error"].startswith("'" + start)


def test_json_is_strict_and_complete(new_stage: NewStage) -> None:
    history = [{"epoch": 0, "seconds": 0.5, "val_accuracy": "nan"}]
    built = new_stage().add("diverged", system={"optisearch:history": history})
    built.add("completed", 0.5, params=new_stage.point("sgd"))
    told = report(built.read())

    def refuse(word: str) -> None:
        raise AssertionError(word)

    document = json.loads(to_text(told, "json"), parse_constant=refuse)
    assert document["answer"] == told.answer
    assert document["trials"][0]["value"] == "-inf"
    assert document["trials"][0]["history"] == history
    assert document["trials"][1]["params"] == new_stage.point("sgd")
    assert document["info"]["factors"][0]["name"] == "optimizer"
    assert document["tally"]["diverged"] == 1
    [table] = document["sections"][0]["tables"]
    assert table["rows"][0] == ["val_accuracy", 0.5, None]
    assert table["trials"][0] == [1]


def test_json_has_the_figures_numbers(searched: StageResults) -> None:
    document = json.loads(to_text(report(searched), "json"))
    figures = [figure for section in document["sections"] for figure in section["figures"]]
    line = next(f for f in figures if f["title"] == "The search, trial by trial")["curves"][0]
    assert line["y"][-1] == searched.best.value
    assert {figure["kind"] for figure in figures} == {"curves", "parallel", "scatter", "bars"}


def test_the_formats_are_known() -> None:
    assert TEXT_FORMATS == ("markdown", "html", "csv", "json")
