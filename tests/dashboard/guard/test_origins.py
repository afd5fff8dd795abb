"""Where requests come from."""

import pytest
from tests.dashboard.asking import ask

from .inside import behind

JSON = {"content-type": "application/json"}
OURS = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
def test_it_may_be_read_and_linked_to(headers: dict[str, str]) -> None:
    assert ask(behind(), headers=headers).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["cors", "no-cors"])
def test_no_other_site_may_have_it_as_a_part(site: str, mode: str) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
    assert ask(behind(), "GET", "/api/studies", headers).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        FORM,
        {"content-type": "text/plain"},
        {"content-type": "text/plain; application/json"},
        JSON | {"origin": "http://evil.test"},
        JSON | {"origin": "null"},
        JSON | {"origin": "http://localhost.evil.test"},
        JSON | {"origin": "http://localhost:8081"},
        JSON | {"origin": "http://localhost@evil.test"},
        JSON | {"sec-fetch-site": "cross-site"},
        JSON | {"sec-fetch-site": "same-site", "origin": "http://localhost"},
        JSON | {"sec-fetch-site": "none"},
        JSON | {"sec-fetch-site": "same-origin", "origin": "http://evil.test"},
    ],
)
def test_another_site_may_change_nothing(method: str, headers: dict[str, str]) -> None:
    answer = ask(behind(), method, "/api/studies", headers)
    assert answer.status == 403
    assert "another site" in answer.json["reason"]


@pytest.mark.parametrize("headers", [OURS, {"origin": "http://localhost"}, JSON, JSON | OURS])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_our_own_pages_and_programs_may(method: str, headers: dict[str, str]) -> None:
    assert ask(behind(), method, "/api/studies", headers).status == 200


def test_the_origin_is_the_name_by_which_it_is_asked() -> None:
    app = behind(names=frozenset({"node7"}))
    headers = {"host": "node7:8080", "origin": "https://node7:8080"}
    assert ask(app, "POST", "/x", headers).status == 200
    assert ask(app, "POST", "/x", headers | {"origin": "https://node7"}).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("headers", [FORM, {"content-type": "multipart/form-data"}, {}])
def test_the_api_takes_json_alone(method: str, headers: dict[str, str]) -> None:
    answer = ask(behind(), method, "/api/studies", OURS | headers, b"{}")
    assert answer.status == 415
    streamed = OURS | headers | {"transfer-encoding": "chunked"}
    assert ask(behind(), method, "/api/studies", streamed).status == 415
    assert ask(behind(), method, "/api/studies", OURS | JSON, b"{}").status == 200


def test_nobody_is_granted_anything_from_elsewhere() -> None:
    asked = {"origin": "http://evil.test", "access-control-request-method": "PUT"}
    answer = ask(behind(), "OPTIONS", "/api/studies", asked)
    assert answer.status == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]
