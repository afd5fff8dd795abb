"""The front page: what is stored, and the ways on from there."""

import re

import pytest
from playwright.sync_api import Page, expect

from .dashboards import Dashboard
from .gallery import TRIALS

pytestmark = pytest.mark.processes


def test_it_shows_each_stage(page: Page, dashboard: Dashboard) -> None:
    page.goto(dashboard())
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("article")).to_have_count(2)
    search = page.locator("article").filter(
        has=page.get_by_role("link", name="Report of parabola/search")
    )
    expect(search).to_contain_text(f"{TRIALS}")
    expect(search.get_by_text("finished")).to_be_visible()
    expect(search.locator("table").first).to_be_attached()


@pytest.mark.parametrize(
    ("way", "address"),
    [
        ("Report of parabola/search", r"/stages/parabola/search$"),
        ("Trials of parabola/search", r"/dashboard/studies/\d+$"),
        ("Note of parabola/search", r"/dashboard/studies/\d+/note$"),
    ],
)
def test_the_ways_on_lead_there_and_back(
    page: Page, dashboard: Dashboard, way: str, address: str
) -> None:
    page.goto(dashboard())
    page.get_by_role("link", name=way).click()
    expect(page).to_have_url(re.compile(address))
    expect(page.get_by_text("parabola/search").first).to_be_visible()
    page.get_by_role("link", name=re.compile("OptiSearch|All studies")).first.click()
    expect(page.get_by_role("link", name=way)).to_be_visible()


def test_the_report_of_all_stages_is_drawn(page: Page, dashboard: Dashboard) -> None:
    page.goto(dashboard())
    page.get_by_role("link", name="Report of all stages").click()
    expect(page.locator("html")).to_have_attribute("data-figures", re.compile(r"^[1-9]"))
    expect(page.locator(".plot.drawn").first).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/studies/parabola", "/missing"])
def test_nothing_is_cut_off_on_a_phone(page: Page, dashboard: Dashboard, watch, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    if path == "/missing":
        watch.expect("404", "there is no such page")
    page.goto(dashboard(path))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_can_be_used_by_keyboard(page: Page, dashboard: Dashboard) -> None:
    page.goto(dashboard())
    links = page.get_by_role("link").count()
    reached = set()
    for _ in range(4 * links):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.href || ''"))
    hrefs = {each.evaluate("node => node.href") for each in page.get_by_role("link").all()}
    assert hrefs <= reached
