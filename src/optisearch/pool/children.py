"""Worker processes: started, listened to, asked to stop, replaced."""

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from optisearch.chatter import is_chatter
from optisearch.events import Event, decode
from optisearch.job import Job

_TAIL_LINES = 40


@dataclass(frozen=True)
class Said:
    """An event of a worker."""

    child: "Child"
    event: Event


@dataclass(frozen=True)
class Printed:
    """A line that a worker's study, or a library, printed."""

    child: "Child"
    line: str


@dataclass(frozen=True)
class Exited:
    """A worker's process has ended, and everything that it said was heard."""

    child: "Child"
    code: int


News = Said | Printed | Exited


class Child:
    """One worker process.

    Attributes:
        name: Its name for people: 1, 2, …; a successor has that of its predecessor.
        tail: The last lines that it printed.
        has_trained: Whether it has begun a trial.
        is_over: Whether it has ended, and all of its news can be had.
    """

    def __init__(
        self,
        name: int,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        news: "queue.SimpleQueue[News]",
    ) -> None:
        self.name = name
        self.tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self.has_trained = False
        self.is_over = False
        self._news = news
        # In the same process group: what ends the group, ends its workers.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "optisearch", "work", *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._readers = [
            threading.Thread(target=reader, daemon=True)
            for reader in (self._read_events, self._read_lines)
        ]
        for reader in self._readers:
            reader.start()
        threading.Thread(target=self._wait, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def tell(self, command: str) -> None:
        """Say `go` or `drain`. One that has ended doesn't hear it."""
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            pass

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def wait(self, seconds: float) -> bool:
        """Whether it ended within so many seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = decode(line)
            self._news.put(Said(self, event) if event else Printed(self, line.rstrip("\n")))

    def _read_lines(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if is_chatter(line):
                continue
            self.tail.append(line.rstrip("\n"))
            self._news.put(Printed(self, line.rstrip("\n")))

    def _wait(self) -> None:
        code = self._process.wait()
        for reader in self._readers:
            reader.join(timeout=2)  # a grandchild may hold the pipe open
        self._news.put(Exited(self, code))
        self.is_over = True


class Children:
    """The workers of one run.

    Args:
        job: What they work on.
        environment: What is set in the environment of the worker of that name, beside the job's.
    """

    def __init__(self, job: Job, environment: Callable[[int], Mapping[str, str]]) -> None:
        self._job = job
        self._environment = environment
        self._children: list[Child] = []
        self.went = False
        self.news: queue.SimpleQueue[News] = queue.SimpleQueue()

    def start(self, name: int, *, leads: bool) -> Child:
        """Start a worker. One that doesn't lead waits for `go` before it joins the stage."""
        job = self._job if leads else self._job.joining()
        child = self._start(name, "leader" if leads else "follower", job)
        if leads or self.went:
            child.tell("go")
        return child

    def meter(self, name: int) -> Child:
        """Start a process that trains the baseline from `go` to `drain`, to see how much it can."""
        return self._start(name, "meter", self._job)

    def go(self) -> None:
        """Let those that wait join the stage, and those that are started later."""
        self.went = True
        self._tell_all("go")

    def drain(self) -> None:
        """Ask all to end their trials at the next epoch."""
        self._tell_all("drain")

    def end(self, patience_seconds: float = 2.0) -> None:
        """End all at once: politely first, so that their trials are recorded as interrupted."""
        self.drain()
        for child in self.alive():
            child.terminate()
        for child in self.alive():
            if not child.wait(patience_seconds):
                child.kill()
                child.wait(patience_seconds)

    def alive(self) -> list[Child]:
        return [child for child in self._children if child.is_alive()]

    def are_silent(self) -> bool:
        """Whether all have ended and nothing of theirs is left to be heard."""
        # In this order: the process's end is news only after its last words.
        return all(child.is_over for child in self._children) and self.news.empty()

    def _start(self, name: int, role: str, job: Job) -> Child:
        arguments = ["--managed", role, *job.arguments()]
        environment = {**job.environment(), **self._environment(name)}
        child = Child(name, arguments, environment, self.news)
        self._children.append(child)
        return child

    def _tell_all(self, command: str) -> None:
        for child in self.alive():
            child.tell(command)
