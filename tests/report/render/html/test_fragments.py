"""Parts of a report within somebody else's page."""

import re
from typing import Any

from optisearch.report import report
from optisearch.report.render.html import fragments

NewStage = Any  # the class `Stage` of ../../conftest.py


def test_the_answer_comes_before_its_evidence_and_the_first_table(stage: Any) -> None:
    told = report(stage)
    shown = fragments.summary(told)
    places = [shown.index(words) for words in (told.answer, told.evidence[0], "<table")]
    assert places == sorted(places)
    tables = sum(len(section.tables) for section in told.sections)
    assert f"{tables} tables in .tables" in shown
    assert shown.count("<table") == 1


def test_before_anything_is_trained_there_is_no_table(new_stage: NewStage) -> None:
    told = report(new_stage().read())
    assert told.answer in fragments.summary(told)
    assert "<table" not in fragments.summary(told)


def test_nothing_but_a_bar_has_a_colour_of_its_own(stage: Any) -> None:
    """What lies behind is light or dark, and nothing says which."""
    style = fragments.summary(report(stage)).partition("</style>")[0]
    own = re.findall(r"([a-z.]+) \{[^}]*(?:#[0-9a-f]{3}|rgb\(|black;|white;)[^}]*\}", style)
    assert own == [".bar"]
