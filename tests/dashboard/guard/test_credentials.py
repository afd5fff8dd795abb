"""Who is let in."""

import re
from base64 import b64encode
from collections.abc import Iterator

import pytest
import time_machine
from tests.dashboard.asking import Answer, ask

from .inside import TEXT, behind

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FORM = {
    "content-type": "application/x-www-form-urlencoded",
    "origin": "http://localhost",
}


def basic(text: str | bytes) -> dict[str, str]:
    raw = text.encode() if isinstance(text, str) else text
    return {"authorization": f"Basic {b64encode(raw).decode()}"}


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def is_in(answer: Answer) -> bool:
    return answer.status == 200 and b"reached" in answer.body


def sign_in(app: object, text: str = TEXT, onward: str = "/", **how: str) -> Answer:
    body = f"token={text}&next={onward}".encode()
    return ask(app, "POST", "/sign-in", FORM, body, **how)


def cookie(answer: Answer) -> dict[str, str]:
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


@pytest.mark.parametrize("path", ["/", "/dashboard", "/api/studies", "/artifacts/1/2", "/static/x"])
def test_nobody_without_the_token(path: str) -> None:
    answer = ask(behind(token=TEXT), "GET", path)
    assert answer.status == 401
    assert "Bearer" in answer.headers["www-authenticate"]
    assert "Basic" not in answer.headers["www-authenticate"]
    assert answer.json["reason"].startswith("This dashboard asks for a token")


@pytest.mark.parametrize(
    "headers",
    [
        bearer(TEXT),
        {"authorization": f"bearer   {TEXT}  "},
        basic(f"anybody:{TEXT}"),
        basic(f":{TEXT}"),
    ],
)
def test_who_sends_it(headers: dict[str, str]) -> None:
    answer = ask(behind(token=TEXT), "GET", "/api/studies", headers)
    assert answer.json["reached"]["signed_in"] is False


@pytest.mark.parametrize(
    "headers",
    [
        bearer("wrong-wrong-wrong-wrong"),
        bearer(""),
        bearer("\xe9\xff"),
        basic("anybody:wrong"),
        basic(TEXT),
        basic(b"\xff\xfe:\xe9"),
        {"authorization": "Basic not/base64!"},
        {"authorization": "Basic"},
        {"authorization": "Digest x"},
        {"authorization": TEXT},
        {"cookie": f"optisearch={TEXT}"},
        {"x-token": TEXT},
    ],
)
def test_who_sends_something_else(headers: dict[str, str]) -> None:
    answer = ask(behind(token=TEXT), "GET", "/api/studies", headers)
    assert answer.status == 401
    assert TEXT not in answer.text


def test_a_token_in_the_address_is_none() -> None:
    assert ask(behind(token=TEXT), "GET", f"/?token={TEXT}&access_token={TEXT}").status == 401


@pytest.mark.parametrize(
    ("path", "onward"),
    [
        ("/", "/"),
        ("/studies/mnist?x=1&y=2", "/studies/mnist?x=1&y=2"),
        ("/studies/a b<", "/studies/a%20b%3C"),
        ("//evil.test/", "/"),
    ],
)
def test_a_browser_is_asked_and_goes_on_to_the_page(path: str, onward: str) -> None:
    app = behind(token=TEXT)
    answer = ask(app, "GET", path, PAGE)
    assert answer.status == 303
    form = ask(app, "GET", answer.headers["location"], PAGE)
    assert (form.status, form.text) == (200, f"SIGN IN, then {onward}. ")


def test_a_browser_that_asks_for_a_change_is_refused() -> None:
    answer = ask(behind(token=TEXT), "POST", "/", PAGE | FORM)
    assert (answer.status, answer.text[:12]) == (401, "REFUSED 401:")


def test_the_way_in_and_out_again() -> None:
    app = behind(token=TEXT)
    assert ask(app, "GET", "/sign-in?next=/dashboard").text == "SIGN IN, then /dashboard. "
    answer = sign_in(app, onward="/dashboard")
    assert (answer.status, answer.headers["location"]) == (303, "/dashboard")
    assert TEXT not in str(answer.headers)
    inside = ask(app, "GET", "/", cookie(answer))
    assert inside.json["reached"]["signed_in"] is True
    assert ask(app, "GET", "/sign-in?next=/x", cookie(answer)).headers["location"] == "/x"
    out = ask(app, "POST", "/sign-out", cookie(answer) | {"origin": "http://localhost"})
    assert (out.status, out.headers["location"]) == (303, "/sign-in")
    assert re.match(r'optisearch-\w+=""; .*Max-Age=0', out.headers["set-cookie"])


def test_the_cookie_is_kept_from_scripts_and_other_sites() -> None:
    plain = sign_in(behind(token=TEXT)).headers["set-cookie"]
    words = {word.strip().lower() for word in plain.split(";")}
    assert {"httponly", "samesite=lax", "path=/", f"max-age={7 * 24 * 3600}"} <= words
    assert "secure" not in words
    safe = sign_in(behind(token=TEXT), scheme="https").headers["set-cookie"]
    assert "; secure" in safe.lower()
    assert safe.startswith("__Host-optisearch-")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        yield clock


def test_the_cookie_ends_after_a_week(clock: time_machine.Traveller) -> None:
    app = behind(token=TEXT)
    given = cookie(sign_in(app))
    clock.shift(7 * 24 * 3600 - 1)
    assert is_in(ask(app, headers=given))
    clock.shift(2)
    assert ask(app, headers=given).status == 401


def test_the_cookie_is_of_one_token() -> None:
    given = cookie(sign_in(behind(token=TEXT)))
    assert is_in(ask(behind(token=TEXT), headers=given)), "another start"
    other = f"{TEXT}-2"
    assert ask(behind(token=other), headers=given).status == 401
    theirs = cookie(sign_in(behind(token=other), other))
    assert given["cookie"].partition("=")[0] != theirs["cookie"].partition("=")[0]
    both = {"cookie": f"{theirs['cookie']}; {given['cookie']}"}
    assert is_in(ask(behind(token=TEXT), headers=both)), "two dashboards of one machine"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_cookie_is_none(place: int) -> None:
    app = behind(token=TEXT)
    name, _, value = cookie(sign_in(app))["cookie"].partition("=")
    parts = value.split(".")
    parts[place] = ("A" if parts[place][0] != "A" else "B") + parts[place][1:]
    for changed in (".".join(parts), "", "in", "\xe9.\xe9.\xe9", "." * 1000):
        assert ask(app, headers={"cookie": f"{name}={changed}"}).status == 401


def test_guessing_is_limited_at_the_form_and_by_header(clock: time_machine.Traveller) -> None:
    app = behind(token=TEXT)
    for _ in range(5):
        wrong = sign_in(app, "wrong", "/dashboard", client="10.0.0.1")
        assert (wrong.status, wrong.text) == (
            401,
            "SIGN IN, then /dashboard. This isn't the token.",
        )
        assert ask(app, headers=bearer("wrong"), client="10.0.0.1").status == 401
    for answer in (
        sign_in(app, client="10.0.0.1"),
        ask(app, headers=bearer(TEXT), client="10.0.0.1"),
        ask(app, headers=basic(f"x:{TEXT}"), client="10.0.0.1"),
    ):
        assert answer.status == 429, "the right one is no exception: else guessing would go on"
        assert 0 < int(answer.headers["retry-after"]) <= 61
        assert "set-cookie" not in answer.headers
    assert is_in(ask(app, headers=bearer(TEXT), client="10.0.0.2"))
    signed_in = cookie(sign_in(app, client="10.0.0.2"))
    assert is_in(ask(app, headers=signed_in, client="10.0.0.1")), "a cookie isn't guessed"
    clock.shift(61)
    assert sign_in(app, client="10.0.0.1").status == 303


def test_who_comes_without_a_token_guesses_nothing() -> None:
    app = behind(token=TEXT)
    for _ in range(30):
        assert ask(app).status == 401
        assert ask(app, headers={"cookie": "optisearch=old"}).status == 401
    assert is_in(ask(app, headers=bearer(TEXT)))


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.test",
        "https://evil.test",
        "/\\evil.test",
        "/%09/evil.test",
        "/%0d%0aSet-Cookie:x",
        "javascript:alert(1)",
        "",
        "evil",
        "/%C3%A9",
    ],
)
def test_nobody_is_sent_elsewhere(onward: str) -> None:
    assert sign_in(behind(token=TEXT), onward=onward).headers["location"] == "/"


def test_another_site_signs_nobody_in_or_out() -> None:
    app = behind(token=TEXT)
    foreign = FORM | {"origin": "http://evil.test"}
    assert ask(app, "POST", "/sign-in", foreign, f"token={TEXT}".encode()).status == 403
    signed_in = cookie(sign_in(app))
    assert ask(app, "POST", "/sign-out", signed_in | foreign).status == 403
    assert ask(app, "GET", "/sign-out", signed_in).status == 405


def test_what_isn_t_a_form_of_ours() -> None:
    app = behind(token=TEXT)
    assert ask(app, "POST", "/sign-in", FORM, b"token=" + b"x" * 20_000).status == 413
    for body in (b"", b"\xff\xfe", b"token", b"token=", b"%FF=&token=%C3%A9", b"&" * 200):
        assert ask(app, "POST", "/sign-in", FORM, body).status == 401
    assert ask(app, "PUT", "/sign-in", FORM).status == 405


@pytest.mark.parametrize("path", ["/static-optisearch/style.css", "/sign-in"])
def test_what_the_sign_in_page_needs_is_public(path: str) -> None:
    assert ask(behind(token=TEXT), "GET", path).status == 200


@pytest.mark.parametrize("path", ["/static-optisearch", "/sign-in/", "/sign-in/x", "//sign-in"])
def test_and_nothing_else(path: str) -> None:
    assert ask(behind(token=TEXT), "GET", path).status == 401


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip"])
def test_a_proxy_before_what_asks_for_no_token(header: str) -> None:
    answer = ask(behind(), headers={header: "10.0.0.1"})
    assert answer.status == 403
    assert "OPTISEARCH_TOKEN" in answer.json["reason"]
    assert ask(behind(token=TEXT), headers=bearer(TEXT) | {header: "10.0.0.1"}).status == 200
