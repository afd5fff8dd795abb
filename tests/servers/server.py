"""A database server of the tests' own: stopped and started again, on the same port and data."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Self

USER, PASSWORD, DATABASE = "olga", "secret", "results"
# It ends the server when its standard input does: with the tests, however they end.
_GUARD = 'cat; kill -KILL "$0"; sleep 1; rm -rf "$1"'
_START_SECONDS = 60
_STOP_SECONDS = 60


class Server(ABC):
    """A server with one user and one empty database, over TCP with a password.

    Args:
        template: A folder with initialised data, which is copied.
        host: Where it listens.
        prefix: What is put before its command: the way into a network namespace.
    """

    def __init__(
        self, template: Path, *, host: str = "127.0.0.1", prefix: Sequence[str] = ()
    ) -> None:
        # Not pytest's folder: that is closed to other users, and too long for a socket's name.
        self.folder = Path(tempfile.mkdtemp(prefix="optisearch-server-"))
        self.folder.chmod(0o755)
        self.host = host
        self.port = free_port()
        self._prefix = tuple(prefix)
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        subprocess.run(["cp", "-a", str(template), str(self.data)], check=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert not self.is_running
        log = self.folder / "log"
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                [*self._prefix, *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,  # a Ctrl-C is for the tests
            )
        words = ["sh", "-c", _GUARD, str(self._process.pid), str(self.folder)]
        self._guard = subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers():
            if not self.is_running or time.monotonic() > deadline:
                raise AssertionError(f"the server doesn't start: {log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it: its clients are disconnected. Returns when it has ended.

        Args:
            at_once: As in a crash; the next start recovers what was committed.
        """
        assert self._process is not None
        assert self._guard is not None
        self._guard.kill()
        self._guard.communicate()
        self.end(self._process.pid, at_once=at_once)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def restart_after(self, seconds: float, *, at_once: bool = False) -> None:
        """An outage of so many seconds."""
        self.stop(at_once=at_once)
        time.sleep(seconds)
        self.start()

    def close(self) -> None:
        """Stop it for good, and remove its data."""
        if self.is_running:
            self.stop(at_once=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @abstractmethod
    def command(self) -> list[str]:
        """What starts it, in the foreground."""

    @abstractmethod
    def end(self, pid: int, *, at_once: bool) -> None:
        """Ask it to end."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes connections."""

    @property
    @abstractmethod
    def local_url(self) -> str:
        """SQLAlchemy's URL of the database, through a socket: also from outside its network."""

    @abstractmethod
    def url(self, *, host: str = "", port: int = 0) -> str:
        """The storage URL of the database, directly or through a proxy."""


def free_port() -> int:
    """A port that is free now, and isn't given to an outgoing connection while a server is down."""
    choose = random.Random(os.urandom(8))
    while True:
        port = choose.randrange(20000, 32000)  # Linux takes those of connections from 32768 on
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
