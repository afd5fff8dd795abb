"""A command as a process: started, interrupted, killed, waited for."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from .waiting import PATIENCE_SECONDS, wait_until, wait_while


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float


class Running:
    """A command in a session, and so a process group, of its own.

    Args:
        words: The command.
        folder: Where it runs.
        environment: All of its environment.
        said_in: The name, without suffix, of the files beside the folder for what it says.
    """

    def __init__(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], *, said_in: str
    ) -> None:
        self._out = folder.parent / f"{said_in}.out"
        self._err = folder.parent / f"{said_in}.err"
        self.began = time.monotonic()
        # Into files: a pipe would have to be emptied, and its end waits for every grandchild.
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                words,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8", errors="replace")

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        return self.process.pid

    def group(self) -> list[psutil.Process]:
        """The living processes of the group, zombies left out."""
        return living(self.pid)

    def until(self, condition: Callable[[], object], what: str):
        """Poll until the condition holds; it must while the command runs."""
        return wait_while(self.process, condition, what, lambda: f"{self.out}\n{self.err}")

    def interrupt(self) -> None:
        """What a terminal does at Ctrl-C."""
        os.killpg(self.pid, signal.SIGINT)

    def kill_all(self) -> None:
        """`kill -9` on the whole process group."""
        os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not self.group(), "killed processes are gone")

    def kill_parent(self) -> None:
        self.process.kill()
        self.process.wait()

    def wait(self, seconds: float = PATIENCE_SECONDS) -> Result:
        """Wait for its end, and see to it that it left no process behind."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.clean_up()
            pytest.fail(f"still running after {seconds} s; it said:\n{self.out}\n{self.err}")
        took = time.monotonic() - self.began
        wait_until(lambda: not self.group(), "it leaves no process behind", 10)
        print(self.out, self.err, sep="\n", end="")  # shown where the test fails
        return Result(code, self.out, self.err, took)

    def clean_up(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def living(group: int) -> list[psutil.Process]:
    """The living processes of a group, zombies left out."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
