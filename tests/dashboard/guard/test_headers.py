"""What browsers are told of every answer."""

from typing import Any

import pytest
from starlette.responses import Response
from tests.dashboard.asking import ask

from optisearch.dashboard.guard.headers import PAGE_POLICY, AnswerHeaders

from .inside import TEXT, behind


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 200), ({"host": "evil.test"}, 421), ({"sec-fetch-site": "cross-site"}, 403)],
)
def test_of_refusals_as_well(headers: dict[str, str], status: int) -> None:
    answer = ask(behind(), headers=headers)
    assert answer.status == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    assert "frame-ancestors 'none'" in PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY


@pytest.mark.parametrize(
    ("host", "scheme", "wanted"),
    [
        ("localhost:8080", "http", True),
        ("127.0.0.1:8080", "http", True),
        ("[::1]:8080", "http", True),
        ("node7:8080", "http", False),
        ("node7:8443", "https", True),
    ],
)
def test_windows_are_kept_apart_where_browsers_heed_it(
    host: str, scheme: str, wanted: bool
) -> None:
    answer = ask(
        behind(names=frozenset({"node7", "localhost"})), headers={"host": host}, scheme=scheme
    )
    assert answer.status == 200
    assert ("cross-origin-opener-policy" in answer.headers) is wanted


def test_a_policy_of_its_own_stays() -> None:
    async def app(*arguments: Any) -> None:
        await Response(headers={"content-security-policy": "x"})(*arguments)

    answer = ask(AnswerHeaders(app, is_private=False))
    assert answer.headers["content-security-policy"] == "x"


def test_what_is_private_is_not_kept() -> None:
    private, public = behind(token=TEXT), behind()
    known = {"authorization": f"Bearer {TEXT}"}
    assert ask(private, "GET", "/", known).headers["cache-control"] == "no-store"
    assert ask(private, "GET", "/api/studies", known).headers["cache-control"] == "no-store"
    assert ask(private, "GET", "/").headers["cache-control"] == "no-store"
    assert ask(private, "GET", "/static/bundle.js", known).headers["cache-control"] == "no-cache"
    assert "cache-control" not in ask(public, "GET", "/").headers


@pytest.mark.parametrize(
    ("host", "scheme", "wanted"),
    [
        ("node7", "https", True),
        ("node7:8443", "https", False),
        ("node7", "http", False),
        ("node7:80", "http", False),
    ],
)
def test_a_name_is_held_to_tls_where_it_is_served_at_its_port(
    host: str, scheme: str, wanted: bool
) -> None:
    answer = ask(behind(names=frozenset({"node7"})), headers={"host": host}, scheme=scheme)
    assert answer.status == 200
    assert ("strict-transport-security" in answer.headers) is wanted
