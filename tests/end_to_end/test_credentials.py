"""A database's password: where it may come from, and that nobody gets to see it."""

import re
from collections.abc import Callable
from urllib.parse import quote

import psutil
import pytest
import sqlalchemy

pytestmark = pytest.mark.processes

COMMANDS = [
    ("run", "parabola.py"),
    ("compare", "parabola.py"),
    ("confirm", "parabola.py"),
    ("work", "parabola.py"),
    ("status",),
    ("report", "parabola"),
]


@pytest.fixture
def open_url(server) -> str:
    """The URL of a PostgreSQL database that asks for a password, without it."""
    return f"postgresql://olga@127.0.0.1:{server.port}/results"


@pytest.fixture
def searched(home) -> Callable[..., object]:
    """Searches the parabola a little, with other words and another environment."""
    file = home.study("parabola")

    def run(*words: str, **environment: str):
        words = ("run", file, "--trials", "2", "--workers", "1", *words)
        return home.run(*words, env=environment)

    return run


class TestCommandLine:
    @pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
    @pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
    def test_refuses_a_password(self, home, refused, password, words, dialect):
        home.study("parabola")
        before = home.files()
        result = home.run(*words, "--storage", f"{dialect}://olga:{password}@127.0.0.1/results")
        refused(
            result,
            f"there is a password in the URL {dialect}://olga:***@127.0.0.1/results",
            "everybody on this machine can read command lines",
            "OPTISEARCH_STORAGE",
            "--storage-file",
        )
        assert ("~/.pgpass" in result.err) == (dialect == "postgresql")
        assert home.files() == before

    def test_is_one_paragraph_about_two_databases(self, home, refused):
        words = ("status", "--storage", "sqlite:///r.db", "--storage-file", "x")
        refused(home.run(*words), "--storage and --storage-file name the database twice")

    @pytest.mark.postgresql
    def test_of_workers_holds_none(self, home, server, password, no_secrets):
        file = home.study("slow")
        environment = {"OPTISEARCH_STORAGE": server.url(password, user="olga")}
        run = home.start("run", file, "--trials", "500", "--workers", "2", "-v", env=environment)
        run.until(lambda: run.out.count("completed") >= 2, "it trains")
        lines = [word for each in run.group() for word in _command_line(each)]
        assert lines.count("work") == 2
        assert not [word for word in lines if "alpha7" in word or "echo7" in word]
        run.interrupt()
        no_secrets(run.wait())


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


@pytest.mark.postgresql
class TestPostgresql:
    def test_takes_it_from_pgpass(self, home, searched, open_url, password, no_secrets):
        entry = password.replace("\\", "\\\\").replace(":", "\\:")
        (pgpass := home.folder / ".pgpass").write_text(f"127.0.0.1:*:results:olga:{entry}\n")
        pgpass.chmod(0o600)
        environment = {"HOME": str(home.folder), "PGPASSFILE": ""}
        words = ("--storage", open_url)
        assert searched(*words, **environment).code == 0
        assert home.run("status", *words, env=environment).code == 0
        pgpass.chmod(0o644)
        result = searched(*words, **environment)
        assert result.code == 2
        warning, error = result.err.splitlines()
        assert "has group or world access" in warning  # libpq's own word: it doesn't use the file
        assert error.startswith(f"error: {open_url}: the server asks for a password.")
        no_secrets(result)

    def test_takes_it_from_the_environment(self, searched, open_url, password, no_secrets):
        result = searched("--storage", open_url, PGPASSWORD=password)
        assert result.code == 0
        no_secrets(result)

    def test_gives_it_to_nobody(self, home, searched, server, password, no_secrets):
        url = server.url(password, user="olga")
        environment = {"OPTISEARCH_STORAGE": url}
        for result in (
            searched("--verbose", **environment),
            home.run("work", "parabola.py", "--trials", "3", env=environment),
            home.run("status", env=environment),
            home.run("status", "parabola", env=environment),
            home.run("report", "parabola", "--format", "html", "-o", "r.html", env=environment),
            home.run("report", "parabola", "--format", "json", env=environment),
        ):
            assert result.code == 0
            no_secrets(result)
        assert "alpha7" not in (home.folder / "r.html").read_text()
        escaped = f"postgresql+psycopg://olga:{quote(password)}@127.0.0.1:{server.port}/results"
        stored = "\n".join(_texts(escaped))
        assert "parabola" in stored
        assert not re.search("alpha7|bravo7|charlie7|delta7|echo7", stored)


def _texts(url: str) -> list[str]:
    """Every row of a database."""
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        rows = [
            str(row)
            for name in sqlalchemy.inspect(engine).get_table_names()
            for row in connection.execute(sqlalchemy.text(f'SELECT * FROM "{name}"'))
        ]
    engine.dispose()
    return rows


@pytest.mark.mariadb
def test_mysqls_option_file_works_by_its_own_driver(home, own_mariadb, refused):
    file = home.study("parabola")
    (home.folder / ".my.cnf").write_text("[client]\npassword = secret\n")
    url = f"mysql://olga@127.0.0.1:{own_mariadb.port}/results"
    words = ("run", file, "--trials", "1", "--workers", "1", "--storage")
    refused(home.run(*words, url), "password")
    result = home.run(*words, f"{url}?read_default_file=~/.my.cnf", env={"HOME": str(home.folder)})
    assert result.code == 0


class TestFile:
    @pytest.fixture
    def url_file(self, home):
        """Writes the file with the URL."""

        def write(text: str, mode: int = 0o600) -> str:
            path = home.folder.parent / "url"
            path.write_text(text)
            path.chmod(mode)
            return str(path)

        return write

    @pytest.mark.postgresql
    @pytest.mark.parametrize("way", ["option", "environment"])
    def test_names_the_database(self, home, searched, server, password, url_file, way):
        path = url_file(server.url(password, user="olga") + "\n")
        words = ("--storage-file", path) if way == "option" else ()
        environment = {} if words else {"OPTISEARCH_STORAGE_FILE": path}
        result = searched(*words, **environment)
        assert result.code == 0
        assert f"postgresql://olga:***@127.0.0.1:{server.port}/results" in result.out
        assert home.run("status", *words, env=environment).code == 0
        assert set(home.files()) == {"parabola.py"}

    @pytest.mark.parametrize("mode", [0o644, 0o604, 0o660])
    def test_with_a_password_that_others_can_read_is_refused(
        self, home, searched, refused, password, url_file, mode
    ):
        path = url_file(f"postgresql://olga:{password}@127.0.0.1/results", mode)
        refused(searched("--storage-file", path), f"chmod 600 {path}", "others than its owner")
        refused(home.run("status", env={"OPTISEARCH_STORAGE_FILE": path}), f"chmod 600 {path}")

    def test_without_a_password_is_nobodys_secret(self, home, searched, url_file):
        assert searched("--storage-file", url_file("sqlite:///r.db", 0o644)).code == 0
        assert home.stored().trained == 2
