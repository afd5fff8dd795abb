"""The system's MariaDB."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .server import DATABASE, PASSWORD, USER, Server

_SYSTEM_USER = "mysql"
_USERS = f"""\
CREATE DATABASE IF NOT EXISTS {DATABASE};
CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON *.* TO '{USER}'@'%';
"""


def program(name: str) -> str | None:
    """A program of the server's, which needn't lie on a user's path."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/libexec")


def make_template() -> Path:
    """A folder with initialised data, to be copied for each server."""
    folder = Path(tempfile.mkdtemp(prefix="optisearch-mariadb-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _SYSTEM_USER)
    data = folder / "data"
    words = [program("mariadb-install-db") or "", "--no-defaults", f"--datadir={data}",
             "--auth-root-authentication-method=normal", "--skip-test-db",
             "--innodb-log-file-size=4M", *_as_somebody()]  # fmt: skip
    ran = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return data


class MariaDB(Server):
    """A MariaDB of the tests' own."""

    def __init__(
        self, template: Path, *, host: str = "127.0.0.1", prefix: Sequence[str] = ()
    ) -> None:
        super().__init__(template, host=host, prefix=prefix)
        (self.folder / "users.sql").write_text(_USERS)
        if os.geteuid() == 0:
            shutil.chown(self.folder, _SYSTEM_USER)

    def command(self) -> list[str]:
        return [
            program("mariadbd") or "",
            "--no-defaults",
            f"--datadir={self.data}",
            f"--bind-address={self.host}",
            f"--port={self.port}",
            f"--socket={self._socket}",
            f"--pid-file={self.folder / 'pid'}",
            f"--init-file={self.folder / 'users.sql'}",
            "--skip-name-resolve",
            # What it flushes less often is lost with the machine alone.
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-log-file-size=4M",
            "--innodb-buffer-pool-size=16M",
            "--innodb-fast-shutdown=2",
            *_as_somebody(),
        ]

    def end(self, pid: int, *, at_once: bool) -> None:
        os.kill(pid, signal.SIGKILL if at_once else signal.SIGTERM)

    def answers(self) -> bool:
        import pymysql

        try:
            # The user: whom the init file has created once this works.
            pymysql.connect(
                unix_socket=str(self._socket), user=USER, password=PASSWORD, database=DATABASE
            ).close()
        except pymysql.MySQLError:
            return False
        return True

    @property
    def _socket(self) -> Path:
        return self.folder / "socket"

    @property
    def local_url(self) -> str:
        return f"mysql+pymysql://{USER}:{PASSWORD}@/{DATABASE}?unix_socket={self._socket}"

    @property
    def root_url(self) -> str:
        """The storage URL of a user who may create databases."""
        return self.url()

    def url(self, *, host: str = "", port: int = 0) -> str:
        place = f"{host or self.host}:{port or self.port}"
        return f"mysql://{USER}:{PASSWORD}@{place}/{DATABASE}"


def _as_somebody() -> list[str]:
    """As root it wants to be told whom to run as."""
    return [f"--user={_SYSTEM_USER}"] if os.geteuid() == 0 else []
