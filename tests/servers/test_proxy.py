"""The proxy loses connections in just the ways that it says."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from .proxy import Proxy


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """In front of a server that says what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=echo, args=(client,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        with Proxy(listening.getsockname()[1]) as proxy:
            yield proxy
        listening.shutdown(socket.SHUT_RDWR)


def echo(client: socket.socket) -> None:
    with client:
        try:
            while data := client.recv(65536):
                client.sendall(data)
        except OSError:
            return


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), 10)


def ask(client: socket.socket, said: bytes = b"hello") -> bytes:
    client.sendall(said)
    return client.recv(65536)


def test_forwards(proxy: Proxy) -> None:
    with connect(proxy) as client:
        assert ask(client) == b"hello"
        assert ask(client, b"again") == b"again"


def test_a_cut_resets_connections_and_refuses_new_ones(proxy: Proxy) -> None:
    with connect(proxy) as client:
        assert ask(client) == b"hello"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            ask(client)
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    proxy.restore()
    with connect(proxy) as client:
        assert ask(client) == b"hello"


def test_silence_holds_everything_back(proxy: Proxy) -> None:
    with connect(proxy) as client, connect(proxy) as early:
        assert ask(client) == b"hello"
        proxy.silence()
        with connect(proxy) as late:
            for each in (client, early, late):
                each.settimeout(0.2)
                with pytest.raises(TimeoutError):
                    ask(each)
            proxy.restore()
            for each in (client, early, late):
                each.settimeout(10)
                assert each.recv(65536) == b"hello"


def test_delays(proxy: Proxy) -> None:
    proxy.delay_seconds = 0.1
    with connect(proxy) as client:
        began = time.monotonic()
        assert ask(client) == b"hello"
        assert time.monotonic() - began >= 0.2  # there, and back


def test_resets_a_connection_that_has_carried_enough(proxy: Proxy) -> None:
    proxy.reset_every_bytes = 50
    with connect(proxy) as client, pytest.raises(ConnectionResetError):
        for _ in range(10):
            assert ask(client) == b"hello"
    assert proxy.resets == 1
    with connect(proxy) as client:
        assert ask(client) == b"hello"


def test_a_server_that_is_gone_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with Proxy(port) as proxy, pytest.raises(ConnectionError), connect(proxy) as client:
        assert ask(client) == b""
        raise ConnectionResetError  # closed is as good as reset
