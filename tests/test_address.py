"""Storage URLs: what people write, what SQLAlchemy is told, and what is shown."""

from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import sqlalchemy
from hypothesis import example, given
from hypothesis import strategies as st

from optisearch.address import DEFAULT_URL, parse
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
