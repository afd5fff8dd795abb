"""The study's note: what it begins with, and that no name in it can break it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from optisearch.publishing import note
from optisearch.reading import FactorInfo, StageInfo, StageResults, TrialResult
from optisearch.report import Report, report

NewStage = Any  # the class `Stage` of tests/report/conftest.py
GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def first_lines(text: str) -> list[str]:
    """Those that are seen first: up to the second empty line."""
    head, said, *_ = text.split("\n\n")
    return [head, *said.split("\n")]


def written(stage: StageResults, study_id: int = 3) -> str:
    """The note, without what keeps the columns of its tables apart."""
    return note.write(report(stage), study_id).replace("\u00a0\u00a0 |", " |")


def test_it_begins_with_the_answer_its_evidence_and_its_caveat(searched: StageResults) -> None:
    told = report(searched)
    lines = first_lines(written(searched))
    assert len(lines) == 1 + len(told.evidence) <= 5
    assert lines[0].startswith("**Best val_accuracy ")
    assert lines[1] == "- 40 of 40 trials trained: 40 completed."
    assert "an optimistic figure" in lines[-1]


def test_what_is_said_first_shares_a_line_where_there_is_much_to_say(
    searched: StageResults,
) -> None:
    told = replace(report(searched), evidence=tuple("ABCDEF"))
    assert first_lines(note.write(told, 3))[1:] == ["- A B C", "- D", "- E", "- F"]


def test_trials_are_linked_to_their_pages(searched: StageResults) -> None:
    text, best = written(searched), searched.best
    assert best is not None
    address = f"/dashboard/studies/3/trials?numbers={best.number}"
    assert f"in [trial {best.number}]({address}): " in text.split("\n")[0]
    assert f"| [{best.number}]({address}) |" in text  # a row of the leaderboard
    assert f"| best ([trial {best.number}]({address})) |" in text.replace("|  |", "|")


def test_a_row_is_linked_to_the_trials_behind_it(stage: StageResults) -> None:
    assert "| [sgd](/dashboard/studies/3/trials?numbers=1,2,3) |" in written(stage)


def test_it_has_every_table_of_the_report(stage: StageResults) -> None:
    told = report(stage)
    tables = [table for section in told.sections for table in section.tables]
    assert len(tables) == len(parsed(note.write(told, 3))) > 4


def test_columns_are_kept_apart(stage: StageResults) -> None:
    rows = [line for line in note.write(report(stage), 3).split("\n") if line.startswith("| ")]
    assert all(row.count("\u00a0\u00a0 |") == row.count(" |") for row in rows if "---" not in row)


def test_a_large_study_is_warned_of(searched: StageResults) -> None:
    few = searched.trials[0]
    many = tuple(replace(few, number=number) for number in range(note.LARGE + 1))
    info = replace(searched.info, name="toy 2/search")
    large = StageResults(info, many)
    head, answer, *_ = written(large).split("\n\n")
    assert head.startswith("> **2,001 trials with learning curves: ")
    assert "](/stages/toy%202/search)" in head
    assert "optisearch report toy 2/search --format html" in head
    assert answer.startswith("**Best ")
    assert not written(StageResults(info, many[:-1])).startswith(">")
    without = tuple(replace(trial, last_epoch=None, last_value=None) for trial in many)
    assert not written(StageResults(info, without)).startswith(">")


def test_a_stage_without_trials_is_told(new_stage: NewStage) -> None:
    assert written(new_stage().read()).startswith("**No trial has been started yet.**")
    assert written(new_stage(declared=False).read())


def parsed(text: str) -> list[list[int]]:
    """For each table the number of cells in each of its rows; nothing in it may be HTML."""
    tables: list[list[int]] = []
    for token in GFM.parse(text):
        kinds = {token.type, *(child.type for child in token.children or ())}
        assert not kinds & {"html_block", "html_inline", "code_block", "fence", "code_inline"}
        match token.type:
            case "table_open":
                tables.append([])
            case "tr_open":
                tables[-1].append(0)
            case "th_open" | "td_open":
                tables[-1][-1] += 1
    return tables


# What means something to Markdown or HTML, in all places that people name things.
WORDS = st.text(st.sampled_from("ab1 |\\`*_~<>&[](){}#+-=.!\"'\n\t:/\x1b"), min_size=1, max_size=12)


@st.composite
def stages(draw: st.DrawFn) -> StageResults:
    factors = tuple(
        FactorInfo(draw(WORDS), "choice", option, options=(option, draw(WORDS)))
        for option in draw(st.lists(WORDS, min_size=1, max_size=3))
    )
    info = StageInfo(
        draw(WORDS),
        draw(WORDS),
        "search",
        draw(WORDS),
        draw(WORDS),
        "maximize",
        factors,
        data={"name": draw(WORDS), "sizes": {"train": 5}, "note": draw(WORDS)},
        declared=True,
    )
    trials = []
    for number in range(draw(st.integers(0, 6))):
        ending = draw(st.sampled_from(["completed", "failed", "pruned", "diverged", "running"]))
        params = {each.name: draw(st.sampled_from(each.options)) for each in factors}
        value = draw(st.floats(-1, 1)) if ending == "completed" else None
        error = draw(WORDS) if ending == "failed" else None
        trials.append(
            TrialResult(number, ending, value=value, last_value=0.5, params=params, error=error)
        )
    return StageResults(info, tuple(trials))


@given(stages())
def test_whatever_things_are_called_its_tables_hold(stage: StageResults) -> None:
    told = report(stage)
    expected = [
        [len(table.columns)] * (1 + len(table.rows))
        for section in told.sections
        for table in section.tables
    ]
    text = note.write(told, 3)
    assert parsed(text) == expected
    headings = [token for token in GFM.parse(text) if token.type == "heading_open"]
    titles = [table.title for section in told.sections for table in section.tables]
    assert len(headings) == len(told.sections) + len(list(filter(None, titles)))


@pytest.mark.parametrize("said", ["# x", "- x", "1. x", "> x", "===", "+ x", "12) x", "---"])
def test_a_sentence_stays_one(stage: StageResults, said: str) -> None:
    told: Report = replace(report(stage), evidence=(said,))
    kinds = [token.type for token in GFM.parse(first_lines(note.write(told, 3))[1])]
    assert kinds == [
        "bullet_list_open",
        "list_item_open",
        "paragraph_open",
        "inline",
        "paragraph_close",
        "list_item_close",
        "bullet_list_close",
    ]
