"""Storage URLs: what people write, what SQLAlchemy is told, and what is shown."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import sqlalchemy
from hypothesis import example, given
from hypothesis import strategies as st

from optisearch.address import DEFAULT_URL, parse, parse_argument, read
from optisearch.errors import StorageError

passwords = st.text(st.characters(codec="utf-8") | st.sampled_from("@%{}/:?#&= +"), min_size=1)


@example("p@ss")
@example("a/b:c?d#e@{f}")
@example("%41{x}@")
@example("postgresql://x:y@z/w")
@given(passwords)
def test_no_password_is_shown_and_each_reaches_the_server(password: str) -> None:
    address = parse(f"postgresql://ann:{password}@db.example:5432/results")
    assert str(address) == address.masked == "postgresql://ann:***@db.example:5432/results"
    assert repr(address) == (f"Address(dialect='postgresql', masked={address.masked!r}, path=None)")
    url = sqlalchemy.make_url(address.sqlalchemy_url)
    assert url.password == unquote(password)
    assert (url.username, url.host, url.port) == ("ann", "db.example", 5432)
    assert url.database == "results"


@given(passwords)
def test_an_escaped_password_means_the_same(password: str) -> None:
    escaped = parse(f"mysql://ann:{quote(password, safe='')}@db/results")
    assert sqlalchemy.make_url(escaped.sqlalchemy_url).password == password


@given(
    passwords.map(lambda text: f"s3cret{text}"), st.sampled_from(["", "/", "/  ", ":x/db", ":0/db"])
)
def test_no_error_shows_a_password(password: str, rest: str) -> None:
    with pytest.raises(StorageError) as caught:
        parse(f"postgresql://ann:{password}@db{rest}")
    assert "s3cret" not in str(caught.value)
    assert "postgresql://user:password@host:port/database" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "masked", "url"),
    [
        ("sqlite:///results.db", None, "sqlite:///results.db"),
        ("sqlite:////tmp/a b.db", None, "sqlite:////tmp/a b.db"),
        (" SQLite:///results.db\n", "sqlite:///results.db", "sqlite:///results.db"),
        ("postgresql://db/results", None, "postgresql+psycopg://db/results"),
        ("postgresql://ann@db/results", None, "postgresql+psycopg://ann@db/results"),
        (
            "postgresql://postgres:@/postgres?host=/run/pg",
            "postgresql://postgres:***@/postgres",
            "postgresql+psycopg://postgres:@/postgres?host=/run/pg",
        ),
        ("postgresql://[::1]:5432/results", None, "postgresql+psycopg://[::1]:5432/results"),
        ("mariadb://db/results", None, "mysql+pymysql://db/results"),
        ("mysql+pymysql://db/results", None, "mysql+pymysql://db/results"),
        (
            "postgresql://db/results?password=s3cret",
            "postgresql://db/results",
            "postgresql+psycopg://db/results?password=s3cret",
        ),
    ],
)
def test_urls(text: str, masked: str | None, url: str) -> None:
    address = parse(text)
    assert address.masked == (masked or text)
    assert address.sqlalchemy_url == url
    assert sqlalchemy.make_url(url).get_backend_name() == address.dialect


@given(passwords.map(lambda text: f"s3cret{text}"), st.sampled_from(["postgresql", "mysql"]))
def test_a_password_is_not_accepted_from_a_command_line(password: str, scheme: str) -> None:
    with pytest.raises(StorageError) as caught:
        parse_argument(f"{scheme}://ann:{password}@db/results")
    assert "s3cret" not in str(caught.value)
    assert f"{scheme}://ann:***@db/results" in str(caught.value)


@given(passwords.map(lambda text: f"s3cret{text}"))
def test_nor_is_one_among_a_drivers_options(password: str) -> None:
    for name in ("password", "passwd", "PassWord", "sslpassword", "ssl_key_password", "pass%77ord"):
        url = f"postgresql://ann@db/results?application_name=x&{name}={quote(password, safe='')}"
        with pytest.raises(StorageError) as caught:
            parse_argument(url)
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:///results.db",
        "postgresql://ann@db/results",
        "postgresql://db/results",
        "postgresql://postgres:@/postgres?host=/run/pg",
        "postgresql://ann@db/results?passfile=/home/ann/.pgpass&require_auth=password",
        "mysql://ann@db/results?read_default_file=~/.my.cnf",
    ],
)
def test_where_there_is_no_password_a_command_line_is_no_leak(text: str) -> None:
    address = parse_argument(text)
    assert address == parse(text)
    assert not address.has_password


@pytest.fixture
def url_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes the file with the URL."""

    def write(content: str | bytes, mode: int = 0o600) -> Path:
        path = tmp_path / "url"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return path

    return write


@pytest.mark.parametrize("text", ["postgresql://ann:s3cret@db/x", "  mysql://ann:s3cret@db/x\n\n"])
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_ones_own_may_hold_a_password(
    url_file: Callable[..., Path], text: str, mode: int
) -> None:
    assert read(url_file(text, mode)) == parse(text)


@pytest.mark.parametrize(
    ("mode", "owner", "refused"),
    [
        (0o644, 1000, True),
        (0o604, 1000, True),
        (0o640, 1000, True),
        (0o620, 1000, True),
        (0o640, 0, False),
        (0o440, 0, False),
        (0o660, 0, True),
        (0o644, 0, True),
    ],
)
def test_others_must_not_be_able_to_read_it(
    url_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    mode: int,
    owner: int,
    refused: bool,
) -> None:
    path = url_file("postgresql://ann:s3cret@db/x")
    status = path.stat()
    altered = os.stat_result((mode, *status[1:4], owner, *status[5:]))
    monkeypatch.setattr("os.fstat", lambda _number: altered)
    if not refused:
        assert read(path).has_password
        return
    with pytest.raises(StorageError) as caught:
        read(path)
    assert str(caught.value) == (
        f"{path}: the storage URL in this file has a password, and others than its owner can read "
        f"it. Take that from them: chmod 600 {path}."
    )


def test_a_file_without_a_password_may_be_read_by_all(url_file: Callable[..., Path]) -> None:
    assert read(url_file("postgresql://ann@db/x", 0o644)) == parse("postgresql://ann@db/x")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "should hold one line, the storage URL, and holds 0"),
        (" \n\n", "should hold one line, the storage URL, and holds 0"),
        ("sqlite:///s3cret\nsqlite:///b", "should hold one line, the storage URL, and holds 2"),
        (b"postgresql://ann:s3cret\xff@db/x", "can't be read (it isn't text)"),
        ("s3cret", "the storage URL isn't one"),
    ],
)
def test_files_that_hold_no_url(
    url_file: Callable[..., Path], content: str | bytes, said: str
) -> None:
    with pytest.raises(StorageError) as caught:
        read(url_file(content))
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(StorageError, match="the file with the storage URL can't be read"):
            read(path)


@pytest.mark.parametrize(
    "text", ["sqlite:///{x}.db", "postgresql://ann:{p}@db/results{1}", "mysql://db/{}?x={y}"]
)
def test_optuna_finds_no_place_holder_in_a_url(text: str) -> None:
    address = parse(text)
    assert address.optuna_url.format() == address.sqlalchemy_url


def test_a_sqlite_address_knows_its_file() -> None:
    assert parse("sqlite:////tmp/results.db").path == Path("/tmp/results.db")
    assert parse("postgresql://db/results").path is None


def test_the_default_is_known_by_its_url() -> None:
    assert parse(DEFAULT_URL).is_default
    assert not parse("sqlite:///optisearch.db").is_default


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the storage URL isn't one"),
        ("results.db", "the storage URL isn't one"),
        ("sqlite:/results.db", "the storage URL isn't one"),
        ("sql ite://x", "the storage URL isn't one"),
        ("postgres://db/results", "Write postgresql://"),
        ("postgresql+psycopg2://db/results", "Leave the driver out: postgresql://"),
        ("redis://db/0", "redis:// is no database that results can be kept in"),
        ("sqlite://", "the SQLite URL names no file"),
        ("sqlite:///", "the SQLite URL names no file"),
        ("sqlite:///:memory:", "the SQLite URL names no file"),
        ("sqlite://results.db", "has a host where its path should begin"),
        ("sqlite:///a.db?mode=ro", "options in a SQLite URL aren't supported"),
        ("postgresql://", "names no database"),
        ("postgresql://db", "names no database"),
        ("postgresql://db:99999/results", "the port in the storage URL is no number"),
        ("postgresql://db:five/results", "the port in the storage URL is no number"),
    ],
)
def test_malformed_urls(text: str, said: str) -> None:
    with pytest.raises(StorageError) as caught:
        parse(text)
    assert said in str(caught.value)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
