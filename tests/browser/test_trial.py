"""A trial of a Keras study, with what it left: a table and a picture of its epochs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.processes.home import Home

from .dashboards import Dashboard
from .gallery import copy_of

pytestmark = [pytest.mark.processes, pytest.mark.keras]


@pytest.fixture
def trained(curves: Path, tmp_path: Path) -> Iterator[Dashboard]:
    home = copy_of(curves, tmp_path)
    yield Dashboard.start(home)
    home.clean_up()


def test_its_curve_and_its_table_are_shown(trained: Dashboard, page: Page) -> None:
    page.goto(trained("/dashboard/studies/1/trials?numbers=0"))
    picture = page.locator("img[alt='trial-0.png']")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    table = page.locator(".MuiCard-root", has_text="trial-0.csv")
    table.get_by_role("button").first.click()
    shown = page.get_by_role("columnheader", name="val_accuracy")
    expect(shown).to_be_visible()


def test_the_curves_of_many_stand_side_by_side(trained: Dashboard, page: Page) -> None:
    page.goto(trained("/dashboard/studies/1/smartSelection"))
    page.get_by_label("Show Artifacts").check()
    for number in range(2):
        expect(page.locator(f"img[alt='trial-{number}.png']")).to_be_visible()


def test_what_is_stored_of_a_trial_are_scalars(curves: Path) -> None:
    """The dashboard's table shows them as columns."""
    for trial in Home(curves).stored().load("curves/search").trials:
        assert {"end_reason", "seconds", "val_accuracy", "val_loss"} <= trial.user_attrs.keys()
        assert all(isinstance(value, str | int | float) for value in trial.user_attrs.values())
