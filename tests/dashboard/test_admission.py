"""Who is let in, and to do what."""

from typing import Any

import pytest

from optisearch.dashboard.admission import admit, check_proxies
from optisearch.dashboard.guard import Access, Token
from optisearch.dashboard.listening import listen
from optisearch.dashboard.wanted import Wanted
from optisearch.errors import OptisearchError

TEXT = "correct-horse-battery-staple"


def access(
    host: str = "127.0.0.1", token: str | None = TEXT, *, is_secure: bool = False, **wanted: Any
) -> tuple[Access, list[str]]:
    """Who is let in, and what is said and warned of."""
    said: list[str] = []
    known = None if token is None else Token(token)
    with listen(host, 0) as opened:
        place = Wanted(host, 0, **wanted)
        found = admit(place, opened, known, said.append, said.append, is_secure=is_secure)
    return found, said


def test_on_this_machine_everybody_may_do_everything() -> None:
    found, said = access(token=None)
    assert found == Access(frozenset({"localhost", "127.0.0.1"}))
    assert said == []


def test_a_token_that_is_given_counts_here_too() -> None:
    found, said = access()
    assert found.token
    assert found.may_change
    assert not said


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("0.0.0.0", {}),
        ("127.0.0.1", {"proxies": ("127.0.0.1",)}),
        ("127.0.0.1", {"names": ("o.test",)}),
    ],
)
def test_wherever_else_it_is_reached_it_asks_for_a_token_and_is_read_only(
    host: str, wanted: dict[str, Any]
) -> None:
    found, _ = access(host, **wanted)
    assert found.token
    assert not found.may_change
    made, said = access(host, token=None, **wanted)
    assert made.token
    shown = next(line for line in said if line.startswith("Sign in with the token "))
    assert made.token.matches(shown.rpartition(" ")[2].encode())


@pytest.mark.parametrize(
    ("host", "wanted", "warned"),
    [
        ("0.0.0.0", {}, True),
        ("0.0.0.0", {"is_secure": True}, False),
        ("0.0.0.0", {"proxies": ("10.0.0.1",)}, False),
        ("127.0.0.1", {}, False),
    ],
)
def test_a_warning_where_the_token_can_be_read(
    host: str, wanted: dict[str, Any], warned: bool
) -> None:
    _, said = access(host, **wanted)
    assert any("without TLS" in line for line in said) is warned


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("may_change", [True, False])
def test_what_is_said_about_changes_counts(host: str, may_change: bool) -> None:
    assert access(host, may_change=may_change)[0].may_change is may_change


def test_the_names_that_it_is_known_by() -> None:
    found, _ = access("0.0.0.0", names=("O.Test.",))
    assert {"localhost", "o.test"} <= found.names
    assert found.by_address
    assert not access()[0].by_address


@pytest.mark.parametrize("proxy", ["127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8"])
def test_a_proxy_is_an_address_or_a_network(proxy: str) -> None:
    check_proxies((proxy,))


@pytest.mark.parametrize("proxy", ["nginx", "*", "", "10.0.0.1/8", "127.0.0.1,::1"])
def test_and_nothing_else(proxy: str) -> None:
    with pytest.raises(OptisearchError, match="no address of a proxy"):
        check_proxies((proxy,))
