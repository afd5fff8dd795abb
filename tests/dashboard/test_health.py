"""Whether the database answers."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.requests import Request

from optisearch.address import Address
from optisearch.dashboard import health as module
from optisearch.dashboard.health import Health
from optisearch.errors import StorageError
from optisearch.storage import Database, open_database

REQUEST = Request({"type": "http", "headers": []})


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer is too old to be given again."""
    monkeypatch.setattr(module, "_FRESH_SECONDS", 0.0)


def answer(health: Health) -> tuple[int, str]:
    given = asyncio.run(health.answer(REQUEST))
    return given.status_code, bytes(given.body).decode()


@pytest.mark.usefixtures("at_once")
def test_it_tells_whether_and_nothing_else(
    sqlite: Address, capsys: pytest.CaptureFixture[str]
) -> None:
    health = Health(open_database(sqlite, create=True))
    assert answer(health) == (200, "ok\n")
    assert sqlite.path
    away = sqlite.path.rename(sqlite.path.with_suffix(".away"))
    assert answer(health) == (503, "The database doesn't answer.\n")
    assert answer(health)[0] == 503
    assert not sqlite.path.exists(), "asking makes no empty one of it"
    away.rename(sqlite.path)
    assert answer(health) == (200, "ok\n")
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[2] for line in said] == [
        "the database is away: there is no database yet",
        "the database is back",
    ]


@pytest.mark.usefixtures("at_once")
def test_a_database_without_tables_is_none(sqlite: Address, tmp_path: Path) -> None:
    health = Health(open_database(sqlite, create=True))
    assert sqlite.path
    for each in tmp_path.iterdir():
        each.unlink()
    sqlite.path.touch()
    assert answer(health)[0] == 503


def test_it_is_asked_once_a_second_however_many_ask(
    sqlite: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = Health(open_database(sqlite, create=True))
    asked: list[str] = []
    ask: Callable[[], StorageError | None] = health._ask
    monkeypatch.setattr(
        health, "_ask", lambda: asked.append(threading.current_thread().name) or ask()
    )

    async def many() -> list[StorageError | None]:
        return await asyncio.gather(*(health.trouble() for _ in range(50)))

    assert asyncio.run(many()) == [None] * 50
    assert asked == ["health_0"]


def test_one_that_hangs_doesn_t_answer(sqlite: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    health = Health(open_database(sqlite, create=True))
    monkeypatch.setattr(module, "_WAIT_SECONDS", 0.05)
    goes_on = threading.Event()
    monkeypatch.setattr(health, "_ask", goes_on.wait)
    assert answer(health)[0] == 503
    goes_on.set()


def test_memory_is_always_there() -> None:
    assert answer(Health(Database.in_memory())) == (200, "ok\n")
