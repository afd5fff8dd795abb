"""Workers on one study and database, faults that strike them, and what came of it."""

import contextlib
import json
import os
import signal
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from tests.processes.home import Home
from tests.processes.running import Running
from tests.processes.stored import Stored
from tests.processes.waiting import wait_until
from tests.servers.server import Server

SHIM = Path(__file__).parent / "shim"
EPOCHS = 10  # of each trial, unless a test says otherwise
HEARTBEAT_SECONDS = 1
GRACE_SECONDS = 3 * HEARTBEAT_SECONDS

# Statements by which a fault is aimed at a phase, as SQLAlchemy is given them.
ASKING = r"INSERT INTO trials\b"
ASKED = r"INSERT INTO trial_params"  # the trial is there, and nothing of it was trained
REPORTING = r"INSERT INTO trial_intermediate_values"
TELLING = r"UPDATE trials SET .*state="
IDLE = r"FROM trials"


@dataclass(frozen=True)
class Place:
    """Where trials are stored.

    Attributes:
        url: For `--storage`.
        stored: The same, read past any fault.
        server: The server that can be stopped; None for a file.
    """

    url: str
    stored: Stored
    server: Server | None = None

    @classmethod
    def on(cls, server: Server, *, port: int = 0) -> "Place":
        """On a server, directly or through a proxy's port."""
        return cls(server.url(port=port), Stored(server.local_url), server)


@dataclass(frozen=True)
class Line:
    """What a worker's study wrote down."""

    pid: int
    trial: int
    seed: int
    what: str
    epoch: int
    at: float


class Halt:
    """A moment in the life of some worker, at which it waits for the test."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        folder.mkdir()
        self._folder = folder
        self.environment = {**environment, "FAULT_HALTS": str(folder)}

    def reached(self) -> int:
        """Wait until a worker is there. Returns its process's number."""
        said = self._folder / "halted"
        wait_until(said.exists, f"a worker comes to {self.environment}", 60)
        return int(json.loads(said.read_text())["pid"])

    def release(self) -> None:
        (self._folder / "go").touch()


class Fleet:
    """Workers of one search.

    Args:
        home: The folder they run in.
        place: The database.
        trials: How many are to be trained.
        seconds: How long one takes.
        epochs: And how many epochs it has.
    """

    def __init__(
        self, home: Home, place: Place, *, trials: int, seconds: float, epochs: int = EPOCHS
    ) -> None:
        self.home = home
        self.place = place
        self.stored = place.stored
        self.trials = trials
        self.epochs = epochs
        self.file = home.study("logged")
        self.log = home.folder.parent / "log.jsonl"
        self.log.touch()
        self._environment = {
            "OPTISEARCH_STORAGE": place.url,
            "OPTISEARCH_HEARTBEAT": str(HEARTBEAT_SECONDS),
            "FAULT_LOG": str(self.log),
            "FAULT_SECONDS": str(seconds),
            "FAULT_EPOCHS": str(epochs),
            "PYTHONPATH": str(SHIM),
        }

    @property
    def options(self) -> tuple[str, ...]:
        return ("--trials", str(self.trials), "--sampler", "random", "--pruner", "none")

    def work(
        self,
        *more: str,
        env: Mapping[str, str] | None = None,
        halt: Halt | None = None,
        prefix: tuple[str, ...] | None = None,
    ) -> Running:
        """Start a worker, as an engine does."""
        return self._start("work", more, env, halt, prefix)

    def run(
        self, workers: int, *, env: Mapping[str, str] | None = None, halt: Halt | None = None
    ) -> Running:
        """Start `optisearch run`."""
        return self._start("run", ("--workers", str(workers)), env, halt, None)

    def _start(
        self,
        command: str,
        more: tuple[str, ...],
        env: Mapping[str, str] | None,
        halt: Halt | None,
        prefix: tuple[str, ...] | None,
    ) -> Running:
        given = self._environment | (halt.environment if halt else {}) | dict(env or {})
        return self.home.start(command, self.file, *self.options, *more, env=given, prefix=prefix)

    def halt(self, pattern: str, *, after: bool = False) -> Halt:
        """A moment at which the first worker to reach it waits: before a statement, or after it.

        What is executed by then is part of a transaction that isn't committed.
        """
        return self._moment({"FAULT_HALT": pattern, "FAULT_HALT_AFTER": "1" if after else ""})

    def unanswered(self, pattern: str) -> Halt:
        """A moment at which a worker's commit is carried out, and its connection breaks."""
        return self._moment({"FAULT_UNANSWERED": pattern})

    def _moment(self, environment: Mapping[str, str]) -> Halt:
        parent = self.home.folder.parent
        return Halt(parent / f"halt-{len(list(parent.glob('halt-*')))}", environment)

    def status(self) -> str:
        """What `optisearch status` says of the study."""
        result = self.home.run("status", "logged", env=self._environment)
        assert result.code == 0, result
        return result.out

    def lines(self) -> list[Line]:
        """What was really trained, and by whom, in that order."""
        text = self.log.read_text()
        return [Line(**json.loads(line)) for line in text.splitlines()]

    def training(self) -> dict[int, int]:
        """The trials in the middle of their training, by the process that trains them."""
        last = {line.pid: line for line in self.lines()}
        return {
            pid: line.trial
            for pid, line in last.items()
            if line.what == "trained" and line.epoch + 1 < self.epochs and psutil.pid_exists(pid)
        }

    def until_training(self, workers: int = 1) -> dict[int, int]:
        """Wait until so many are in the middle of it."""

        def found() -> dict[int, int] | None:
            training = self.training()
            if len(training) >= workers:
                return training
            if not any(each.process.poll() is None for each in self.home.started):
                pytest.fail("\n".join(each.out + each.err for each in self.home.started))
            return None

        return wait_until(found, f"{workers} workers train")

    def check_complete(self) -> list[int]:
        """Exactly what was asked for is trained and told once, and nothing is left over.

        Returns:
            The numbers of the attempts that were lost or interrupted.
        """
        states = Counter(
            dict(self.stored.rows("SELECT state, count(*) FROM trials GROUP BY state"))
        )
        assert states["RUNNING"] == states["WAITING"] == 0, states
        assert states["COMPLETE"] == self.trials, states
        trials = self.stored.load("logged/search").trials
        assert [trial.number for trial in trials] == list(range(len(trials)))
        trained: dict[int, list[Line]] = {}
        for line in self.lines():
            if line.what == "trained":
                trained.setdefault(line.trial, []).append(line)
        undone: dict[int, int] = {}
        for trial in trials:
            first = trial.system_attrs.get("optisearch:first_attempt", trial.number)
            seed = trials[first].user_attrs["seed"]
            assert trial.user_attrs["seed"] == seed
            if trial.state.name == "COMPLETE":
                lines = trained[trial.number]
                # By one process, and no epoch twice.
                assert [line.epoch for line in lines] == list(range(self.epochs))
                assert len({line.pid for line in lines}) == 1
                assert {line.seed for line in lines} == {seed}
                assert sorted(trial.intermediate_values) == list(range(self.epochs))
                assert trial.value == trial.intermediate_values[self.epochs - 1]
                assert trial.user_attrs["end_reason"] == "completed"
            else:
                assert trial.state.name == "FAIL"
                assert trial.user_attrs["end_reason"] in ("lost", "interrupted")
                undone[trial.number] = first
            # Whatever it retries, has ended unfinished, and nothing else retries it.
            retried = trial.system_attrs.get("optisearch:retry_of")
            if retried is not None:
                assert undone.pop(retried) == first
                assert trials[retried].params.items() <= trial.params.items()
        assert undone == {}
        return [trial.number for trial in trials if trial.state.name == "FAIL"]

    def wasted(self) -> int:
        """How many epochs were trained for attempts that came to nothing."""
        trials = self.stored.load("logged/search").trials
        failed = {trial.number for trial in trials if trial.state.name == "FAIL"}
        return sum(line.trial in failed for line in self.lines() if line.what == "trained")


def kill(pid: int) -> None:
    """`kill -9`, and wait until it is gone (or, as someone else's child, a zombie)."""
    process = psutil.Process(pid)
    process.kill()
    wait_until(lambda: not is_alive(process), f"{pid} is gone")


def is_alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def pause(pid: int) -> None:
    """`kill -STOP`."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED, f"{pid} stands still")


def go_on(pid: int) -> None:
    """`kill -CONT`."""
    os.kill(pid, signal.SIGCONT)


def codes(workers: Iterable[Running]) -> list[int]:
    """How they end, with a word about those that didn't end well."""
    ended = [worker.wait() for worker in workers]
    assert not [each for each in ended if "Traceback" in each.err], ended
    for each in ended:
        if each.code:
            print(each)  # shown where the test fails
    return [each.code for each in ended]
