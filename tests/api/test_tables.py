"""The tables of a report, one by one."""

from typing import Any

import pytest

from optisearch.api.tables import Tables
from optisearch.errors import OptisearchError
from optisearch.reading import StageResults
from optisearch.report import Column, Report, Section, Table, Typed, report

EVIL = "<img src=x onerror=alert(1)>"


def telling(stage: StageResults, *sections: Section) -> Tables:
    return Tables(Report("", (), "", (), sections, stage))


def untitled(name: str, *rows: tuple[Any, ...]) -> Table:
    return Table("", (Column(name), Column("n", "count")), rows)


def test_each_has_a_title_of_its_own(stage: StageResults) -> None:
    costs = Table("Costs", (Column("x"),), ())
    found = telling(
        stage,
        Section("One", (untitled("x"), costs)),
        Section("Factors", (untitled("x"), untitled("y"))),
        Section("One", (untitled("x"),)),
        Section("None"),
    )
    assert list(found) == ["One", "One: Costs", "Factors: x", "Factors: y", "One (2)"]


def test_the_tables_are_those_of_the_report(stage: StageResults) -> None:
    found = Tables(report(stage))
    board = found["Leaderboard"]
    assert board.columns[:2] == ("trial", "val_accuracy")
    assert board.rows[0][:2] == (1, 0.95)
    assert board.trials[0] == (1,)
    assert "0.9500" in str(board)
    assert repr(board).startswith("Table('Leaderboard', 3 rows of trial, val_accuracy")
    assert "'Leaderboard'" in repr(found)


def test_one_that_isnt_there(stage: StageResults) -> None:
    found = Tables(report(stage))
    with pytest.raises(OptisearchError, match="Did you mean 'Leaderboard'"):
        _ = found["leaderbord"]
    with pytest.raises(KeyError):  # as a mapping has it
        _ = found["leaderbord"]
    assert found.get("leaderbord") is None


def test_as_html_words_are_words(stage: StageResults) -> None:
    shown = telling(stage, Section(EVIL, (untitled(EVIL, (EVIL, 1)),)))._repr_html_()
    assert "<img" not in shown
    assert shown.count("&lt;img") >= 3  # title, heading, cell


def test_as_a_data_frame(stage: StageResults) -> None:
    frame = telling(stage, Section("A", (untitled("x", ("a", 1), ("b", None)),)))[
        "A"
    ].to_dataframe()
    assert list(frame["x"]) == ["a", "b"]
    assert frame["n"].dtype == "Int64"
    empty = telling(stage, Section("A", (untitled("x"),)))["A"].to_dataframe()
    assert list(empty.columns) == ["x", "n"]


def test_a_value_of_another_kind_is_plain(stage: StageResults) -> None:
    table = telling(stage, Section("A", (untitled("x", ("a", Typed(0.5, "share"))),)))["A"]
    assert table.rows == (("a", 0.5),)
