"""optuna-dashboard in it: the studies, their trials with what they left, the published tables."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.processes.home import Home

from .dashboards import STORAGE, Dashboard

pytestmark = pytest.mark.processes

STAGES = ("parabola/search", "parabola/compare")
_TABLES = """() => [...document.querySelectorAll("table")].map((table) =>
    [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim())))"""


@pytest.fixture
def study(dashboard: Dashboard) -> Callable[[str, str], str]:
    """The address of one of a stage's pages."""

    def address(stage: str, page: str) -> str:
        return dashboard(f"/dashboard/studies/{1 + STAGES.index(stage)}/{page}")

    return address


def test_the_list_has_every_stage(page: Page, dashboard: Dashboard) -> None:
    page.goto(dashboard("/dashboard/"))
    for stage in STAGES:
        expect(page.get_by_text(stage)).to_be_visible()


def test_the_history_and_the_published_figures_are_drawn(
    page: Page, study: Callable[[str, str], str]
) -> None:
    page.goto(study("parabola/search", ""))
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(page.locator(".js-plotly-plot .xtick").first).to_be_attached()
    for title in ("Learning curves", "height against training time", "shape: the"):
        expect(page.locator(".js-plotly-plot", has_text=title)).to_be_visible()


@pytest.mark.parametrize("stage", STAGES)
def test_the_note_has_every_table_of_the_report(
    page: Page, study: Callable[[str, str], str], shown: Home, stage: str
) -> None:
    expected = tables(shown.run("report", stage, "--format", "markdown", *STORAGE).out)
    assert expected
    page.goto(study(stage, "note"))
    expect(page.locator("table")).to_have_count(len(expected))
    assert page.evaluate(_TABLES) == expected


def tables(markdown: str) -> list[list[list[str]]]:
    """The tables of a Markdown text as cells, without its marks."""
    found: list[list[list[str]]] = []
    before = ""
    for line in markdown.splitlines():
        if line.startswith("| ---"):
            found.append([cells(before)])
        elif line.startswith("|") and before.startswith("|"):
            found[-1].append(cells(line))
        before = line
    return found


def cells(line: str) -> list[str]:
    return [
        re.sub(r"\\(.)", r"\1", cell).replace("**", "").strip()
        for cell in re.split(r"(?<!\\)\|", line)[1:-1]
    ]


def test_the_trial_table_has_the_attributes_as_columns(
    page: Page, study: Callable[[str, str], str]
) -> None:
    page.goto(study("parabola/search", "smartSelection"))
    table = page.locator("table")
    for column in ("end_reason", "epochs_trained", "seconds", "seed", "best_height", "worker"):
        expect(table.get_by_role("columnheader", name=re.compile(column)).first).to_be_attached()
    expect(table.get_by_text("completed").first).to_be_attached()
