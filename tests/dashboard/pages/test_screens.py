"""What the guard shows: the form for the token, and refusals. And what is put into other pages."""

import pytest

from optisearch.dashboard.pages import refusal_page, sign_in_page, with_our_script
from optisearch.dashboard.pages.static import files

from .html import Page


def test_the_form_asks_for_a_token() -> None:
    page = Page(sign_in_page("/stages/a b", ""))
    (form,) = page.all("form")
    assert (form["method"], form["action"]) == ("post", "/sign-in")
    fields = {field["name"]: field for field in page.all("input")}
    assert fields["next"]["value"] == "/stages/a b"
    assert fields["token"]["type"] == "password"
    assert "value" not in fields["token"].attributes
    (label,) = page.all("label")
    assert label["for"] == fields["token"]["id"]
    assert not [e for e in page.elements if e.attributes.get("role") == "alert"]


def test_it_says_what_was_wrong() -> None:
    page = Page(sign_in_page("/", "This isn't the token."))
    (alert,) = [e for e in page.elements if e.attributes.get("role") == "alert"]
    assert alert.text == "This isn't the token."
    (token,) = [e for e in page.all("input") if e["name"] == "token"]
    assert token["aria-describedby"] == alert["id"]


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.test/", "/\\evil.test", "https://evil.test/", "javascript:alert(1)", "", "/\t/evil"],
)
def test_it_leads_nowhere_else(elsewhere: str) -> None:
    page = Page(sign_in_page(elsewhere, ""))
    (onward,) = [e for e in page.all("input") if e["name"] == "next"]
    assert onward["value"] == "/"


def test_a_refusal_says_what_and_what_to_do() -> None:
    page = Page(refusal_page(403, "this dashboard is read-only", "Start it with --allow-changes"))
    (heading,) = page.all("h1")
    assert heading.text == "This dashboard is read-only"
    assert "Start it with --allow-changes. " in page.text
    assert "403 Forbidden" in page.text
    assert page.address("All studies") == "/"


def test_what_is_away_for_the_moment_is_asked_for_again() -> None:
    def refreshed(status: int) -> bool:
        metas = Page(refusal_page(status, "the database is away", "Wait")).all("meta")
        return any(meta.attributes.get("http-equiv") == "refresh" for meta in metas)

    assert refreshed(503)
    assert not refreshed(403)


def test_our_script_is_put_into_a_page_once() -> None:
    before = b"<html><head><title>x</title></head><body></head></body></html>"
    after = with_our_script(before).decode()
    version = files()["dashboard.js"].version
    script = f'<script src="/static-optisearch/dashboard.js?v={version}" defer></script>'
    assert after.count(script) == 1
    assert after.index(script) < after.index("</head>")
    assert after.replace(f"{script}\n", "").encode() == before
