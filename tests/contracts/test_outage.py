"""What a real server's going away does to those who use it, and what it doesn't."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from optuna import Trial
from optuna.trial import TrialState
from tests.servers.server import Server

from optisearch.address import parse
from optisearch.errors import OutageError
from optisearch.events import Away, Back, Event
from optisearch.lease import Owner
from optisearch.stage import Stage
from optisearch.storage import Database, Endurance, open_database

SERVERS = [
    pytest.param("own_postgresql", marks=pytest.mark.postgresql),
    pytest.param("own_mariadb", marks=pytest.mark.mariadb),
]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def database(server: Server, heard: list[Event]) -> Iterator[Database]:
    opened = open_database(
        parse(server.url()), create=True, endurance=Endurance(60.0, heard.append)
    )
    yield opened
    assert opened.engine is not None
    opened.engine.dispose()


@pytest.fixture
def stage(database: Database, open_parabola: Callable[..., Stage]) -> Stage:
    return open_parabola(database, trials=3)


@contextlib.contextmanager
def away(server: Server, heard: list[Event]) -> Iterator[None]:
    """The server is stopped, and started again once somebody has said that it is away."""
    server.stop()

    def start_again() -> None:
        while not heard:
            time.sleep(0.01)
        server.start()

    thread = threading.Thread(target=start_again)
    thread.start()
    yield
    thread.join()


def test_every_call_waits(
    server: Server, database: Database, stage: Stage, owner: Owner, heard: list[Event]
) -> None:
    trial = stage.take(owner)
    assert isinstance(trial, Trial)
    with away(server, heard):
        trial.report(0.5, 0)
    stage.study.tell(trial, 0.5)
    assert [type(event) for event in heard] == [Away, Back]
    assert stage.trials()[0].state is TrialState.COMPLETE
    assert stage.trials()[0].intermediate_values == {0: 0.5}


def test_taking_waits_and_takes_once(
    server: Server, stage: Stage, owner: Owner, heard: list[Event]
) -> None:
    with away(server, heard):
        trial = stage.take(owner)
    assert isinstance(trial, Trial)
    assert [each.number for each in stage.trials()] == [0]


def test_what_was_taken_without_its_being_said_is_taken_up(
    server: Server, database: Database, stage: Stage, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server commits, and goes away before it says so."""
    exclusive, crashes = Database.exclusive, [None]

    def crashing(self: Database, name: str | None):  # type: ignore[no-untyped-def]
        inner = exclusive(self, name)

        class Crashing:
            def __enter__(self) -> None:
                inner.__enter__()

            def __exit__(self, *error: object) -> None:
                inner.__exit__(*error)
                if crashes:
                    crashes.pop()
                    server.stop(at_once=True)
                    server.start()
                    raise _lost_connection()

        return Crashing()

    monkeypatch.setattr(Database, "exclusive", crashing)
    trial = stage.take(owner)
    assert isinstance(trial, Trial)
    assert not crashes
    assert [(each.number, each.state) for each in stage.trials()] == [(0, TrialState.RUNNING)]
    assert trial.number == 0


def _lost_connection() -> Exception:
    import sqlalchemy

    return sqlalchemy.exc.OperationalError("COMMIT", {}, Exception("server closed the connection"))


def test_what_was_begun_and_not_committed_never_was(
    server: Server, database: Database, stage: Stage, owner: Owner
) -> None:
    tries = []

    def begin() -> int:
        tries.append(None)
        number = len(stage.trials())
        database.storage.create_new_trial(stage.study._study_id)
        if len(tries) == 1:
            server.stop(at_once=True)
            server.start()
        stage.study.set_user_attr("tries", len(tries))
        return number

    assert database.atomically(begin, stage.name) == 0
    assert len(tries) == 2
    assert [trial.number for trial in stage.trials()] == [0]


def test_the_wait_ends_with_a_sentence(server: Server) -> None:
    database = open_database(parse(server.url()), create=True, endurance=Endurance(1.0))
    server.stop()
    with (
        pytest.raises(OutageError, match="after 1 seconds of waiting") as caught,
        database.errors(),
    ):
        database.storage.get_all_studies()
    assert caught.value.exit_code == 75
    assert "secret" not in str(caught.value)


def test_a_worker_uses_two_connections_at_most(
    server: Server, database: Database, stage: Stage, owner: Owner
) -> None:
    assert database.engine is not None
    pool = database.engine.pool
    trial = stage.take(owner)
    assert isinstance(trial, Trial)
    most = 0

    def beat() -> None:
        assert database.backend is not None
        for _ in range(20):
            database.backend.record_heartbeat(trial._trial_id)

    thread = threading.Thread(target=beat)
    thread.start()
    for step in range(20):
        trial.report(0.5, step)
        most = max(most, pool.checkedin() + pool.checkedout())  # type: ignore[attr-defined]
        stage.reap()
    thread.join()
    assert 1 <= most <= 2
