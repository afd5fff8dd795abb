"""A dashboard for others: signed in to with a token, and read only."""

import re

import pytest
from playwright.sync_api import Page, expect

from .dashboards import Dashboard
from .signing_in import sign_in
from .watch import Watch

pytestmark = pytest.mark.processes


def test_whoever_knows_the_token_gets_where_they_wanted(page: Page, exposed: Dashboard) -> None:
    page.goto(exposed("/stages/parabola/search"))
    expect(page).to_have_url(re.compile("/sign-in"))
    assert "parabola" not in page.inner_text("body")
    sign_in(page)
    expect(page).to_have_url(exposed("/stages/parabola/search"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.cookie") == ""  # out of the reach of scripts


def test_a_wrong_token_is_told_and_a_right_one_helps(
    page: Page, exposed: Dashboard, watch: Watch
) -> None:
    watch.expect("401", "the token was wrong")
    page.goto(exposed())
    sign_in(page, "not-the-token-at-all")
    expect(page.get_by_role("alert")).to_have_text("This isn't the token.")
    sign_in(page)
    expect(page.locator("article").first).to_be_visible()


def test_whoever_has_signed_out_is_out(page: Page, exposed: Dashboard) -> None:
    page.goto(exposed())
    sign_in(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    page.goto(exposed("/dashboard/"))
    expect(page).to_have_url(re.compile("/sign-in"))


def test_nothing_can_be_changed(page: Page, exposed: Dashboard, watch: Watch) -> None:
    watch.expect("403", "the dashboard is read-only")
    page.goto(exposed("/dashboard/"))
    sign_in(page)
    page.get_by_role("button", name="Create").click()
    page.get_by_label("Study name").fill("mine")
    page.get_by_role("button", name="Create").last.click()
    expect(page.get_by_text("Failed to create a study (study_name=mine)")).to_be_visible()
    page.reload()
    expect(page.get_by_text("parabola/search")).to_be_visible()
    expect(page.get_by_text("mine")).not_to_be_visible()
