"""What a person, a terminal or an engine would start and see."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.processes.fixtures import home, namespace, terminal, until
from tests.processes.running import Result
from tests.servers.postgresql import PostgreSQL, Template

__all__ = ["home", "namespace", "terminal", "until"]

# What TensorFlow's libraries say to everybody, whatever they are told.
_NOISE = re.compile(r"WARNING: All log messages before absl|[IW]\d{4} \d\d:")

PASSWORD = "alpha7@bravo7%charlie7{delta7}echo7"
_SECRETS = ("alpha7", "bravo7", "charlie7", "delta7", "echo7")


@pytest.fixture(scope="session")
def studies() -> Path:
    """Where study files are copied from."""
    return Path(__file__).parent / "studies"


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


@pytest.fixture(scope="session")
def server(postgresql_template: Template) -> Iterator[PostgreSQL]:
    """PostgreSQL over TCP with passwords; its user `olga` has the `password` above."""
    with PostgreSQL(postgresql_template) as server:
        server.create_user("olga", PASSWORD, database="results")
        yield server
