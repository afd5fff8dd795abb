"""Whether what is stored may be changed."""

import pytest
from tests.dashboard.asking import ask

from .inside import behind

OURS = {"origin": "http://localhost"}
CHANGING = [
    ("POST", "/api/studies"),
    ("DELETE", "/api/studies/1"),
    ("PUT", "/api/studies/1/note"),
    ("POST", "/incompatible-rdb-schema"),
    ("POST", "/healthz"),
    ("PATCH", "/"),
    ("OPTIONS", "/api/studies"),
    ("PROPFIND", "/"),
]


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_it_may_not_where_it_is_read_only(method: str, path: str) -> None:
    answer = ask(behind(may_change=False), method, path, OURS)
    assert answer.status == 403
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {
        "reason": "This dashboard is read-only. "
        "To change studies in it, have it started with --allow-changes."
    }


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_it_may_where_that_is_allowed(method: str, path: str) -> None:
    reached = ask(behind(may_change=True), method, path, OURS).json["reached"]
    assert (reached["method"], reached["can_change"]) == (method, True)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_may_always_be_read(method: str) -> None:
    answer = ask(behind(may_change=False), method, "/dashboard")
    assert answer.json["reached"]["can_change"] is False


@pytest.mark.parametrize("header", ["x-http-method-override", "x-http-method", "x-method-override"])
def test_no_header_makes_a_change_of_reading(header: str) -> None:
    answer = ask(behind(may_change=False), "GET", "/api/studies/1", {header: "DELETE"})
    assert answer.json["reached"]["method"] == "GET"
