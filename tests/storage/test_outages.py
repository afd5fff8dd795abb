"""How a database that is away is waited for: with functions that fail, and no database."""

import threading

import pytest
import sqlalchemy
from optuna.exceptions import StorageInternalError

from optisearch.events import Away, Back, Event
from optisearch.storage import Endurance, outages
from optisearch.storage.errors import is_passing


def error(text: str, kind: str = "OperationalError", driver: str = "psycopg") -> Exception:
    """What SQLAlchemy makes of a driver's error."""
    original = type(kind, (Exception,), {"__module__": driver})(text)
    made: Exception = getattr(sqlalchemy.exc, kind)("SELECT 1", {}, original)
    return made


AWAY = "connection to server at 127.0.0.1 failed: Connection refused"


class Failing:
    """Fails so many times, then returns how often it was called."""

    def __init__(self, times: int, text: str = AWAY) -> None:
        self.times, self.calls, self.text = times, 0, text

    def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self.times:
            raise error(self.text)
        return self.calls


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses of milliseconds."""
    monkeypatch.setattr(outages, "_LONGEST_PAUSE_SECONDS", 0.002)


@pytest.mark.parametrize(
    "text",
    [
        AWAY,
        "server closed the connection unexpectedly",
        "the database system is starting up",
        "terminating connection due to administrator command",
        "failed to resolve host 'db'",
        "FATAL: sorry, too many clients already",
        "(2013, 'Lost connection to MySQL server during query')",
        "(1213, 'Deadlock found when trying to get lock')",
    ],
)
def test_what_passes(text: str) -> None:
    assert is_passing(error(text))
    wrapped = StorageInternalError("An exception is raised during the commit.")
    wrapped.__cause__ = error(text)
    assert is_passing(wrapped)


@pytest.mark.parametrize(
    "text",
    [
        'password authentication failed for user "olga"',
        "(1045, \"Access denied for user 'olga'@'localhost'\")",
        'database "results" does not exist',
        "permission denied for table trials",
        "could not extend file: No space left on device",
        "cannot execute INSERT in a read-only transaction",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not is_passing(error(text))


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("database is locked", True),
        ("database or disk is full", False),
        ("attempt to write a readonly database", False),
        ("disk I/O error", False),
        ("unable to open database file", False),
    ],
)
def test_of_a_file_only_the_lock_passes(text: str, passes: bool) -> None:
    assert is_passing(error(text, driver="sqlite3")) is passes


def test_other_errors_are_not_the_database() -> None:
    assert not is_passing(ValueError("server closed the connection"))
    assert not is_passing(error("syntax error", "ProgrammingError"))
    assert not is_passing(KeyError("study"))


def test_a_call_is_made_again_until_it_succeeds() -> None:
    assert Endurance(60.0).call(Failing(5)) == 6


def test_without_endurance_once_is_enough() -> None:
    failing = Failing(1)
    with pytest.raises(sqlalchemy.exc.OperationalError, match="refused"):
        Endurance().call(failing)
    assert failing.calls == 1


def test_what_does_not_pass_is_not_tried_again() -> None:
    failing = Failing(9, "password authentication failed")
    with pytest.raises(sqlalchemy.exc.OperationalError, match="password"):
        Endurance(60.0).call(failing)
    assert failing.calls == 1


def test_the_wait_has_an_end() -> None:
    failing = Failing(10**6)
    with pytest.raises(sqlalchemy.exc.OperationalError, match="refused"):
        Endurance(0.05).call(failing)
    assert failing.calls > 2


def test_a_lock_that_many_ask_for_is_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "_SAID_AFTER_SECONDS", 0.0)
    heard: list[Event] = []
    busy = "canceling statement due to lock timeout"
    assert Endurance(0.005, heard.append).call(Failing(50, busy)) == 51
    assert heard == []
    failing = Failing(1, busy)
    with pytest.raises(sqlalchemy.exc.OperationalError, match="lock timeout"):
        Endurance(0.0).call(failing)
    leaving = Failing(10**6, busy)
    monkeypatch.setattr(outages, "_LEAVING_SECONDS", 0.05)
    with pytest.raises(sqlalchemy.exc.OperationalError, match="lock timeout"):
        Endurance(60.0, leaving=lambda: leaving.calls > 3).call(leaving)


def test_who_is_asked_to_leave_does_not_wait_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "_LEAVING_SECONDS", 0.05)
    failing = Failing(10**6)
    with pytest.raises(sqlalchemy.exc.OperationalError, match="refused"):
        Endurance(3600.0, leaving=lambda: failing.calls > 3).call(failing)
    assert failing.calls > 4


def test_an_outage_is_said_once_when_it_begins_and_once_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outages, "_SAID_AFTER_SECONDS", 0.0)
    heard: list[Event] = []
    endurance = Endurance(60.0, heard.append)
    ready = threading.Barrier(3)

    def wait() -> None:
        failing = Failing(20)
        ready.wait()
        endurance.call(failing)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    endurance.call(lambda: None)
    kinds = [type(event) for event in heard]
    assert kinds[0] is Away
    assert kinds == [Away, Back] * (len(kinds) // 2)


def test_a_hitch_is_not_worth_a_line() -> None:
    heard: list[Event] = []
    Endurance(60.0, heard.append).call(Failing(3))
    assert heard == []
