"""A TCP proxy in front of a server, which loses connections as networks do."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any, Self

from .server import free_port

_CHUNK_BYTES = 65536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset


class Proxy:
    """Forwards connections on a port of its own, until told otherwise.

    Args:
        port: The server's, on this machine.

    Attributes:
        port: Where it listens.
        delay_seconds: How long each piece of data is held back.
        reset_every_bytes: A connection is reset when so many bytes have passed; 0: never.
        resets: How many connections were reset so.
        opened: How many connections were accepted.
    """

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self.delay_seconds = 0.0
        self.reset_every_bytes = 0
        self.resets = 0
        self.opened = 0
        self._server_port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._flowing = asyncio.Event()
        self._links: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._flowing.set()
        self._thread.start()
        self._do(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Reset all connections, and refuse new ones."""
        self._do(self._cut)

    def silence(self) -> None:
        """Forward nothing and accept nothing, and say so to nobody: connections stay open."""
        self._do(self._flowing.clear)

    def restore(self) -> None:
        """Be a good network again; what was held back arrives."""
        self._do(self._restore)

    def _do(self, what: Callable[[], Any]) -> None:
        async def done() -> None:
            result = what()
            if asyncio.iscoroutine(result):
                await result

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(30)

    async def _listen(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setblocking(False)
        listening.bind(("127.0.0.1", self.port))
        listening.listen(64)
        self._accepting = self._loop.create_task(self._accept(listening))

    async def _cut(self) -> None:
        tasks = [*self._links, *([self._accepting] if self._accepting else [])]
        self._accepting = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _restore(self) -> None:
        self._flowing.set()
        if self._accepting is None:
            await self._listen()

    async def _accept(self, listening: socket.socket) -> None:
        with listening:
            while True:
                await self._flowing.wait()
                client, _ = await self._loop.sock_accept(listening)
                self.opened += 1
                link = self._loop.create_task(self._link(client))
                self._links.add(link)
                link.add_done_callback(self._links.discard)

    async def _link(self, client: socket.socket) -> None:
        """One connection, from its beginning to its end."""
        with client, socket.socket() as server:
            server.setblocking(False)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            passed = [0]
            pumps: list[asyncio.Task[None]] = []
            try:
                await self._flowing.wait()
                await self._loop.sock_connect(server, ("127.0.0.1", self._server_port))
                for source, target in ((client, server), (server, client)):
                    pump = self._pump(source, target, passed)
                    pumps.append(self._loop.create_task(pump))
                # Whichever end closes, closes the whole: databases don't half-close.
                ended, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in ended:
                    pump.result()
            except (OSError, asyncio.CancelledError):
                for end in (client, server):
                    with contextlib.suppress(OSError):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, source: socket.socket, target: socket.socket, passed: list[int]) -> None:
        while data := await self._loop.sock_recv(source, _CHUNK_BYTES):
            passed[0] += len(data)
            if self.reset_every_bytes and passed[0] > self.reset_every_bytes:
                self.resets += 1
                raise ConnectionResetError
            if self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            await self._flowing.wait()
            await self._loop.sock_sendall(target, data)
