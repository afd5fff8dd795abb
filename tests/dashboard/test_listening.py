"""The socket on which the dashboard is asked."""

import re
import socket
import time

import pytest

from optisearch.dashboard import listening
from optisearch.dashboard.listening import is_loopback, listen, own_names
from optisearch.errors import OptisearchError


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("127.3.2.1", True), ("0.0.0.0", False)],
)
def test_who_reaches_it(host: str, loopback: bool) -> None:
    with listen(host, 0) as opened:
        assert opened.getsockname()[1] > 0
        assert is_loopback(opened) is loopback


def test_all_addresses_of_both_kinds() -> None:
    try:
        opened = listen("::", 0)
    except OptisearchError:
        pytest.skip("there is no IPv6 here")
    with opened:
        assert not is_loopback(opened)
        socket.create_connection(("127.0.0.1", opened.getsockname()[1]), 5).close()


def test_a_port_that_is_taken_and_one_that_is_free() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OptisearchError) as caught:
            listen("127.0.0.1", port)
    assert str(caught.value).startswith(f"127.0.0.1:{port}: another program listens")
    (named,) = re.findall(r"such as --port (\d+)", str(caught.value))
    listen("127.0.0.1", int(named)).close()


def test_no_port_is_free_soon() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.MonkeyPatch.context() as patched,
            pytest.raises(OptisearchError, match="port 0"),
        ):
            patched.setattr(listening, "_TRIED_PORTS", 0)
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70, "1.2.3.4.5"])
def test_a_host_that_is_none(host: str) -> None:
    with pytest.raises(OptisearchError, match="no such host"):
        listen(host, 0)


def test_an_address_of_another_machine() -> None:
    with pytest.raises(OptisearchError, match=r"isn't an address of this machine"):
        listen("192.0.2.1", 0)


def test_names_that_nobody_tells_don_t_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_NAMING_SECONDS", 0.01)
    monkeypatch.setattr(socket, "gethostname", lambda: "Node7")
    monkeypatch.setattr(socket, "getfqdn", lambda: time.sleep(0.5) or "late")
    assert own_names() == {"node7"}
    monkeypatch.setattr(listening, "_NAMING_SECONDS", 5.0)
    monkeypatch.setattr(socket, "getfqdn", lambda: "Node7.cluster.test")
    assert own_names() == {"node7", "node7.cluster.test"}
