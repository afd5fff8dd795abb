"""A command on a terminal, as a person sees it."""

import contextlib
import fcntl
import os
import pty
import signal
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .waiting import wait_until, wait_while


class Terminal:
    """A command on a terminal of 100 × 40, as a person sees it."""

    COLUMNS, LINES = 100, 40

    def __init__(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        import pyte

        self._screen = pyte.HistoryScreen(self.COLUMNS, self.LINES, history=5000, ratio=1)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (self.LINES, self.COLUMNS))
        self.process = subprocess.Popen(
            words,
            cwd=folder,
            env={**environment, "TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            # The session's terminal: Ctrl-C reaches all of its processes.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(slave)
        os.set_blocking(self._master, False)

    def until(self, condition: Callable[[], object], what: str):
        """Poll until the condition holds; it must while the command runs."""
        return wait_while(self.process, condition, what, self.everything)

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    @property
    def text(self) -> str:
        """What is to be seen now."""
        self._read()
        return "\n".join(line.rstrip() for line in self._screen.display)

    def everything(self) -> str:
        """What is to be seen now, and what one would see by scrolling back."""
        past = [
            "".join(line[column].data for column in range(self.COLUMNS)).rstrip()
            for line in self._screen.history.top
        ]
        return "\n".join([*past, self.text])

    def wait(self) -> int:
        wait_until(lambda: (self._read(), self.process.poll() is not None)[1], "it ends")
        self._read()
        print(self.everything())  # shown where the test fails
        return self.process.returncode

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def _read(self) -> None:
        # EIO: nobody has the terminal open any more.
        with contextlib.suppress(BlockingIOError, OSError):
            while data := os.read(self._master, 65536):
                self._stream.feed(data)
