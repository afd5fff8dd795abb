"""The names under which the dashboard answers."""

import pytest
from tests.dashboard.asking import ask

from optisearch.dashboard.guard.access import Access
from optisearch.dashboard.guard.hosts import is_known

from .inside import behind

LOCAL = Access(frozenset({"localhost"}))
OPEN = Access(frozenset({"localhost", "node7"}), by_address=True)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LocalHost:8080", "localhost.", "127.0.0.1:9", "127.9.9.9", "[::1]:80", "[::1]"],
)
def test_the_loopback_under_each_of_its_names(host: str) -> None:
    assert is_known(host, LOCAL)
    assert is_known(host, OPEN)


@pytest.mark.parametrize("host", ["node7", "NODE7:8080", "10.1.2.3", "[fe80::1]:8080"])
def test_another_name_only_where_it_is_served_under_it(host: str) -> None:
    assert is_known(host, OPEN)
    assert not is_known(host, LOCAL)


@pytest.mark.parametrize(
    "host",
    [
        "rebind.test",
        "localhost.rebind.test",
        "127.0.0.1.rebind.test",
        "node7.rebind.test",
        "rebind.localhost",
        "rebind-localhost",
        "rebind.node7",
        "rebind.test#localhost",
        "localhost@rebind.test",
        "localhost, rebind.test",
        "localhost:80:80",
        "localhost/",
        "[localhost]",
        "2130706433",
        "127.1",
        "",
        " ",
        ".",
        "\xe9",
    ],
)
def test_no_other(host: str) -> None:
    assert not is_known(host, LOCAL)
    assert not is_known(host, OPEN)


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_foreign_name_is_misdirected(method: str) -> None:
    answer = ask(behind(), method, "/api/studies", {"host": "rebind.test"})
    assert answer.status == 421
    assert "--allow-host" in answer.json["reason"]


def test_a_browser_is_told_so_by_a_page() -> None:
    answer = ask(behind(), headers={"host": "rebind.test", "accept": "text/html,*/*"})
    assert answer.status == 421
    assert answer.text.startswith("REFUSED 421: ")
    assert "rebind" not in answer.text


def test_that_page_has_its_looks() -> None:
    style = "/static-optisearch/style.css"
    answer = ask(behind(), "GET", style, {"host": "rebind.test"})
    assert answer.json["reached"]["path"] == style


def test_ours_is_let_through() -> None:
    assert ask(behind(), headers={"host": "127.0.0.1:8080"}).json["reached"]["path"] == "/"
