"""What optuna-dashboard serves, made harmless."""

from typing import Any

import pytest
from starlette.responses import Response
from tests.dashboard.asking import Answer, ask

from optisearch.dashboard.guard import Sandbox

ARTIFACT = "/artifacts/1/2/0a1b2c3d-0000-0000-0000-000000000000"


def served(path: str, kind: str = "text/html", status: int = 200, **headers: str) -> Answer:
    async def app(*arguments: Any) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = Response(b"<script>", status, named, media_type=kind)
        await answer(*arguments)

    return ask(Sandbox(app), "GET", path)


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "x/y"])
def test_an_artifact_executes_nothing_and_is_stored(kind: str) -> None:
    answer = served(ARTIFACT, kind, access_control_allow_origin="*")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert "allow" not in policy
    assert answer.headers["content-disposition"] == "attachment"
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "text/plain; charset=utf-8"])
def test_a_picture_is_shown(kind: str) -> None:
    answer = served(ARTIFACT, kind)
    assert "content-disposition" not in answer.headers
    assert answer.headers["content-security-policy"].startswith("sandbox;")


def test_an_artifact_can_t_bring_a_policy_of_its_own() -> None:
    answer = served(ARTIFACT, content_security_policy="default-src *")
    assert answer.headers["content-security-policy"].startswith("sandbox;")


def test_its_pages_keep_theirs() -> None:
    answer = served("/dashboard/studies/1", content_security_policy="script-src 'self'")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("script-src 'self'; frame-ancestors 'none'")


def test_everything_else_gets_the_strictest() -> None:
    for path in ("/api/studies", "/dashboard", "/csv/1"):
        assert served(path).headers["content-security-policy"].startswith("sandbox;")
