"""`optisearch dashboard`: what is made of its options."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optisearch.cli import commands
from optisearch.dashboard import serving
from optisearch.dashboard.wanted import Wanted


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would be served."""
    calls: list[Any] = []
    monkeypatch.setattr(serving, "serve", lambda *arguments: calls.append(arguments))
    monkeypatch.delenv("OPTISEARCH_STORAGE", raising=False)
    return calls


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", Wanted()),
        ("--host 0.0.0.0 --port 0", Wanted(host="0.0.0.0", port=0)),
        ("--read-only", Wanted(may_change=False)),
        ("--allow-changes", Wanted(may_change=True)),
        ("--token-file t", Wanted(token_file=Path("t"))),
        ("--tls-cert c --tls-key k", Wanted(certificate=Path("c"), key=Path("k"))),
        ("--allow-host a --allow-host b", Wanted(names=("a", "b"))),
        ("--proxy 10.0.0.1 --proxy ::1", Wanted(proxies=("10.0.0.1", "::1"))),
    ],
)
def test_its_options(told: list[Any], line: str, wanted: Wanted) -> None:
    result = CliRunner().invoke(commands, ["dashboard", *line.split()])
    assert result.exit_code == 0, result.output
    ((place, got, _, _),) = told
    assert got == wanted
    assert place.is_default


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--read-only --allow-changes", "--read-only and --allow-changes are opposites."),
        ("--port 65536", "Invalid value for '--port'"),
        ("--token x", "No such option"),
        ("--storage postgresql://u:s3cret@db/x", "there is a password in the URL"),
    ],
)
def test_wrong_usage(told: list[Any], line: str, said: str) -> None:
    result = CliRunner().invoke(commands, ["dashboard", *line.split()])
    assert result.exit_code
    assert said in result.output + str(result.exception)
    assert "s3cret" not in result.output + str(result.exception)
    assert told == []


def test_what_is_said_and_what_is_warned_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def serve(_place: Any, _wanted: Any, say: Any, warn: Any) -> None:
        say("it serves")
        warn("mind this")

    monkeypatch.setattr(serving, "serve", serve)
    result = CliRunner().invoke(commands, ["dashboard"])
    assert result.stdout == "it serves\n"
    assert result.stderr == "warning: mind this\n"
