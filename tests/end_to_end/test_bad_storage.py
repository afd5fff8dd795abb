"""Bad input, second part: URLs, servers, files and disks.

Each ends in one paragraph without a password, in exit code 2, and leaves nothing behind.
"""

import contextlib
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

# `run` may need 10 s for its first connection, whatever the server does; more on a busy machine.
CONNECTS_WITHIN_SECONDS = 20
COMMANDS = pytest.mark.parametrize("command", ["run", "work", "status", "report"])
DRIVER_SHIM = """\
import importlib.abc
import sys


class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("psycopg", "psycopg2", "pymysql"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Missing())
"""


@pytest.fixture
def command_line(home):
    """The words of a command, for which there is a sound study file."""
    file = home.study("parabola")
    words = {"run": ("run", file), "work": ("work", file), "report": ("report", "parabola")}
    return lambda command: words.get(command, (command,))


class TestUrl:
    @COMMANDS
    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("results.db", ("--storage: the storage URL isn't one", "sqlite:///")),
            ("olga:{password}@host/results", ("--storage: the storage URL isn't one",)),
            ("sqlite://results.db", ("host where its path should begin", "sqlite:///results.db")),
            ("sqlite:///", ("names no file", "sqlite:///results.db")),
            ("sqlite:///:memory:", ("names no file", "sqlite:///results.db")),
            (
                "postgres://olga:{password}@host/results",
                ("postgres:// is no database", "postgresql://"),
            ),
            ("oracle://olga:{password}@host/results", ("oracle:// is no database", "Use one of")),
            ("redis://:{password}@host", ("redis:// is no database", "Use one of")),
            ("postgresql+asyncpg://olga:{password}@h/r", ("Leave the driver out: postgresql://",)),
            ("postgresql://olga:{password}@host:port/r", ("port", "no number from 1 to 65535")),
            ("postgresql://olga:{password}@host:99999/r", ("port", "no number from 1 to 65535")),
            ("postgresql://olga:{password}@host", ("names no database", "@host:port/database")),
            ("mysql://olga:{password}@host/", ("names no database", "@host:port/database")),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_malformed_or_unknown(self, home, refused, password, command_line, command, url, said):
        before = home.files()
        url = url.replace("{password}", password)
        result = home.run(*command_line(command), env={"OPTISEARCH_STORAGE": url})
        refused(result, *said)
        assert not result.out
        assert home.files() == before

    def test_given_on_the_command_line(self, home, refused, password, command_line):
        url = f"postgres://olga:{password}@host/results"
        refused(home.run(*command_line("run"), "--storage", url), "postgresql://")

    @COMMANDS
    @pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
    def test_missing_driver(self, home, refused, password, command_line, command, dialect):
        shim = home.folder.parent / "shim"
        shim.mkdir()
        (shim / "sitecustomize.py").write_text(DRIVER_SHIM)
        before = home.files()
        url = f"{dialect}://olga:{password}@127.0.0.1/results"
        env = {"OPTISEARCH_STORAGE": url, "PYTHONPATH": str(shim)}
        result = home.run(*command_line(command), env=env)
        said = (f"{dialect}://olga:***@127.0.0.1/results", "the driver for", "isn't installed")
        refused(result, *said, f"pip install 'optisearch[{dialect}]'")
        assert home.files() == before


class TestUnreachable:
    @pytest.mark.parametrize("command", ["run", "status", "report"])
    @pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
    def test_nobody_listens(
        self, home, refused, password, command_line, closed_port, command, dialect
    ):
        before = home.files()
        url = f"{dialect}://olga:{password}@127.0.0.1:{closed_port}/results"
        result = home.run(*command_line(command), env={"OPTISEARCH_STORAGE": url})
        where = f"{dialect}://olga:***@127.0.0.1:{closed_port}/results: "
        refused(result, where, "nothing listens there", "Check host and port")
        assert result.seconds < CONNECTS_WITHIN_SECONDS
        assert home.files() == before

    def test_a_worker_waits_until_it_is_asked_to_leave(
        self, home, password, command_line, closed_port
    ):
        url = f"postgresql://olga:{password}@127.0.0.1:{closed_port}/results"
        worker = home.start(*command_line("work"), env={"OPTISEARCH_STORAGE": url})
        waits = "the database doesn't answer; waiting for it, up to 5 m 00 s"
        worker.until(lambda: waits in worker.out, waits)
        worker.process.terminate()
        result = worker.wait()
        assert result.code == 75
        assert result.out.count(waits) == 1
        where = f"postgresql://olga:***@127.0.0.1:{closed_port}/results: "
        assert f"error: {where}nothing listens there; it was waited for in vain" in result.err

    @pytest.mark.parametrize(
        ("command", "dialect"),
        [("run", "postgresql"), ("run", "mysql"), ("status", "postgresql"), ("report", "mysql")],
    )
    def test_nobody_answers(
        self, home, refused, password, command_line, silent_port, command, dialect
    ):
        before = home.files()
        url = f"{dialect}://olga:{password}@127.0.0.1:{silent_port}/results"
        result = home.run(*command_line(command), env={"OPTISEARCH_STORAGE": url})
        refused(result, "the server doesn't answer", "Check host, port and firewall")
        assert result.seconds < CONNECTS_WITHIN_SECONDS
        assert home.files() == before

    @pytest.mark.parametrize("command", ["run", "status", "report"])
    @pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
    def test_unknown_host(self, home, refused, password, command_line, command, dialect):
        before = home.files()
        url = f"{dialect}://olga:{password}@nosuch.invalid/results"
        result = home.run(*command_line(command), env={"OPTISEARCH_STORAGE": url})
        refused(result, "@nosuch.invalid/results: the host name is unknown", "Check the host")
        assert result.seconds < CONNECTS_WITHIN_SECONDS
        assert home.files() == before


@pytest.mark.postgresql
class TestServer:
    @COMMANDS
    @pytest.mark.parametrize("wrong", ["wrong{charlie7}%@x", "", None])
    def test_wrong_or_no_password(self, home, refused, command_line, server, command, wrong):
        before = home.files()
        url = server.url(wrong or "")
        url = url if wrong is not None else url.replace("olga:@", "olga@")
        result = home.run(*command_line(command), env={"OPTISEARCH_STORAGE": url})
        said = "asks for a password" if not wrong else "refuses the user or the password"
        refused(result, "postgresql://olga", said, "~/.pgpass")
        assert home.files() == before

    @COMMANDS
    def test_missing_database(self, home, refused, password, command_line, server, command):
        before = home.files()
        url = server.url(password, database="nosuch")
        result = home.run(*command_line(command), env={"OPTISEARCH_STORAGE": url})
        refused(result, "/nosuch: the server knows no such database", "Create it first")
        assert home.files() == before

    @COMMANDS
    def test_unknown_user(self, home, refused, password, command_line, server, command):
        before = home.files()
        url = server.url(password, user="nobody")
        result = home.run(*command_line(command), env={"OPTISEARCH_STORAGE": url})
        refused(result, "postgresql://nobody:***@", "refuses the user or the password")
        assert home.files() == before

    def test_any_password_works_and_is_never_shown(
        self, home, no_secrets, password, command_line, server
    ):
        before = home.files()
        env = {"OPTISEARCH_STORAGE": server.url(password)}
        refused = home.run("report", "parabola", env=env)
        assert (refused.code, "holds no studies" in refused.err) == (2, True)

        run = home.start(*command_line("run"), "--trials", "8", "--workers", "2", "-v", env=env)
        run.until(lambda: len(run.group()) == 3, "two workers are started")
        lines = [" ".join(process.cmdline()) for process in run.group()]
        result = run.wait()
        assert result.code == 0, result
        no_secrets(result)
        assert not any("alpha7" in line for line in lines)
        for words in (("status",), ("status", "parabola"), ("report", "parabola")):
            told = home.run(*words, env=env)
            assert told.code == 0
            assert "parabola" in told.out
            no_secrets(told)

        differs = home.run(*command_line("run"), "--seed", "3", env=env)
        assert (differs.code, "stored there already" in differs.err) == (2, True)
        no_secrets(differs)
        assert home.files() == before


class TestFile:
    @pytest.mark.parametrize("command", ["status", "report"])
    def test_no_database_at_all(self, home, refused, command_line, command):
        before = home.files()
        result = home.run(*command_line(command))
        refused(result, "storage/optisearch.db: there is no database yet", "Run a study first")
        assert home.files() == before

    @COMMANDS
    def test_missing_folder(self, home, refused, command_line, command):
        before = home.files()
        result = home.run(*command_line(command), "--storage", "sqlite:///no/r.db")
        told = command in ("status", "report")
        said = "there is no database yet" if told else "the folder no doesn't exist. Create it"
        refused(result, f"sqlite:///no/r.db: {said}")
        assert home.files() == before

    @COMMANDS
    def test_folder(self, home, refused, command_line, command):
        (home.folder / "results").mkdir()
        before = home.files()
        result = home.run(*command_line(command), "--storage", "sqlite:///results")
        refused(result, "sqlite:///results: this is a folder", "Name a file in it")
        assert home.files() == before

    @COMMANDS
    @pytest.mark.parametrize("size", [7, 40_000])
    def test_random_bytes(self, home, refused, command_line, command, size):
        (home.folder / "r.db").write_bytes(random.Random(size).randbytes(size))
        before = home.files()
        result = home.run(*command_line(command), "--storage", "sqlite:///r.db")
        refused(result, "sqlite:///r.db: the file isn't a SQLite database", "wasn't touched")
        assert home.files() == before

    @COMMANDS
    @pytest.mark.parametrize("kept", [100, 60_000])
    def test_truncated(self, home, refused, command_line, command, kept, finished):
        whole = finished.read_bytes()
        assert len(whole) > 100_000
        (home.folder / "r.db").write_bytes(whole[:kept])
        before = home.files()
        result = home.run(*command_line(command), "--storage", "sqlite:///r.db")
        refused(result, "sqlite:///r.db: the database file is damaged", "Restore a copy")
        assert_unchanged(home, before)

    @COMMANDS
    def test_overwritten_in_the_middle(self, home, refused, command_line, command, finished):
        whole = bytearray(finished.read_bytes())
        whole[4096:] = random.Random(1).randbytes(len(whole) - 4096)
        (home.folder / "r.db").write_bytes(whole)
        before = home.files()
        result = home.run(*command_line(command), "--storage", "sqlite:///r.db")
        refused(result, "sqlite:///r.db: the database file is damaged", "Restore a copy")
        assert_unchanged(home, before)

    @COMMANDS
    @pytest.mark.parametrize("content", ["", "CREATE TABLE mine (x); INSERT INTO mine VALUES (1);"])
    def test_holds_no_studies(self, home, refused, command_line, command, content):
        """An empty file, or one of another program."""
        with contextlib.closing(sqlite3.connect(home.folder / "r.db")) as connection:
            connection.executescript(content)
        before = home.files()
        result = home.run(*command_line(command), "--storage", "sqlite:///r.db", *few(command))
        if command in ("run", "work"):
            assert result.code == 0
            assert home.stored().trained == 2
            assert not content or home.stored().rows("SELECT x FROM mine") == [(1,)]
        else:
            refused(result, "sqlite:///r.db: the database holds no studies", "Run a study into it")
            assert_unchanged(home, before)

    @COMMANDS
    @pytest.mark.parametrize(
        ("version", "said"),
        [
            ("v2.6.0.a", ("made by an older Optuna", "optuna storage upgrade --storage")),
            ("v9.9.9", ("made by another Optuna than the installed one", "pip install -U optuna")),
        ],
    )
    def test_other_schema(self, home, refused, command_line, command, version, said, finished):
        shutil.copy(finished, home.folder / "r.db")
        with contextlib.closing(sqlite3.connect(home.folder / "r.db")) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
            connection.commit()
        before = home.files()
        result = home.run(*command_line(command), "--storage", "sqlite:///r.db")
        refused(result, "sqlite:///r.db: ", *said)
        assert_unchanged(home, before)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A database with a finished study, in one file."""
    import os
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("finished")
    shutil.copy(Path(__file__).parent / "studies" / "parabola.py", folder)
    words = ["work", "parabola.py", "--trials", "3", "--storage", "sqlite:///r.db"]
    subprocess.run(
        [sys.executable, "-m", "optisearch", *words],
        cwd=folder,
        env=dict(os.environ),
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert not (folder / "r.db-wal").exists()
    return folder / "r.db"


def few(command: str) -> tuple[str, ...]:
    return ("--trials", "2") if command in ("run", "work") else ()


def assert_unchanged(home, before) -> None:
    """A lock file may stay: removing it could take it from under another worker."""
    after = home.files()
    after.pop("r.db.lock", None)
    assert after == before


class TestReadOnly:
    """As root on a disk mounted read-only, which root can't write to either."""

    @pytest.fixture
    def disk(self, namespace):
        namespace.do("mount", "-t", "tmpfs", "-o", "size=8m", "disk", str(namespace.disk))
        return namespace.disk

    @pytest.mark.parametrize("command", ["run", "work"])
    def test_folder(self, home, refused, command_line, namespace, disk, command):
        namespace.do("mount", "-o", "remount,ro", str(disk))
        result = home.run(*command_line(command), "--storage", f"sqlite:///{disk}/r.db")
        refused(result, f"sqlite:///{disk}/r.db: ", "read-only", "Make it writable")
        assert not list(namespace.seen(disk).iterdir())

    @COMMANDS
    def test_file_and_folder(self, home, refused, command_line, namespace, disk, finished, command):
        namespace.do("cp", str(finished), str(disk))
        whole = finished.read_bytes()
        namespace.do("mount", "-o", "remount,ro", str(disk))
        result = home.run(*command_line(command), "--storage", f"sqlite:///{disk}/r.db")
        if command in ("status", "report") and result.code == 0:
            assert "parabola" in result.out
        else:
            refused(result, f"sqlite:///{disk}/r.db: ", "Make it", "writable")
        assert [path.name for path in namespace.seen(disk).iterdir()] == ["r.db"]
        assert (namespace.seen(disk) / "r.db").read_bytes() == whole

    @COMMANDS
    def test_file(self, home, refused, command_line, namespace, disk, finished, command):
        """The file alone: its folder can be written to."""
        file = home.folder / "r.db"
        shutil.copy(finished, file)
        before = home.files()
        namespace.do("mount", "--bind", str(file), str(file))
        namespace.do("mount", "-o", "remount,ro,bind", str(file))
        result = home.run(*command_line(command), "--storage", "sqlite:///r.db")
        if command in ("status", "report") and result.code == 0:
            assert "parabola" in result.out
            for suffix in ("-shm", "-wal"):  # SQLite's own; it can't fold them into the file
                (home.folder / f"r.db{suffix}").unlink(missing_ok=True)
        else:
            refused(result, "sqlite:///r.db: the file r.db is read-only", "Make it writable")
        assert_unchanged(home, before)


class TestFullDisk:
    @pytest.mark.parametrize("command", ["run", "work"])
    @pytest.mark.parametrize("free", [0, 24])
    def test_at_the_start(self, home, refused, command_line, namespace, command, free):
        disk = namespace.disk
        namespace.do("mount", "-t", "tmpfs", "-o", "size=1m", "disk", str(disk))
        fill(namespace, 1024 - free)
        result = home.run(*command_line(command), "--storage", f"sqlite:///{disk}/r.db")
        refused(result, f"sqlite:///{disk}/r.db: the disk is full", "Free some space")
        left = {path.name for path in namespace.seen(disk).iterdir()}
        assert left == {"ballast"}

        namespace.do("rm", str(disk / "ballast"))
        url = f"sqlite:///{disk}/r.db"
        assert home.run(*command_line(command), "--storage", url, *few(command)).code == 0

    def test_in_the_middle(self, home, refused, namespace):
        disk = namespace.disk
        url = f"sqlite:///{disk}/r.db"
        file = home.study("slow")
        namespace.do("mount", "-t", "tmpfs", "-o", "size=6m", "disk", str(disk))
        words = ("run", file, "--storage", url, "--pruner", "none", "--workers", "2")
        run = home.start(*words, "--trials", "20")
        run.until(lambda: run.out.count(" completed ") >= 3, "three trials are trained")
        fill(namespace, 6 * 1024)
        result = run.wait()
        refused(result, f"{url}: the disk is full", "run the same command again")
        stored = copied(home, namespace)
        assert 3 <= stored.trained < 20
        assert stored.is_intact()
        # What is there can be looked at while the disk is full still.
        told = home.run("report", "slow", "--storage", url)
        if told.code:
            refused(told, "the disk is full")

        namespace.do("rm", str(disk / "ballast"))
        result = home.run(*words, "--trials", "20")
        assert result.code == 0, result
        stored = copied(home, namespace)
        assert stored.trained == 20
        assert stored.count("RUNNING") == 0
        assert stored.is_intact()


def copied(home, namespace):
    """A copy of the database: SQLite itself would look for it on this side of the namespace."""
    for path in namespace.seen(namespace.disk).glob("r.db*"):
        shutil.copy(path, home.folder)
    (home.folder / "r.db-shm").unlink(missing_ok=True)
    return home.stored()


def fill(namespace, kilobytes: int) -> None:
    """Fill the disk but for what is beyond so many kilobytes."""
    ballast = namespace.seen(namespace.disk) / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        for _ in range(kilobytes):
            file.write(b"\0" * 1024)
