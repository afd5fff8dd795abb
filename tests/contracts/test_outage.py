"""What a real server's going away does to those who use it, and what it doesn't."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy
from optuna import Trial
from optuna.trial import TrialState
from tests.servers.server import Server

from optisearch.address import parse
from optisearch.attempt import attempt
from optisearch.errors import OutageError
from optisearch.events import Away, Back, Event, silence
from optisearch.lease import Owner
from optisearch.stage import Stage
from optisearch.storage import Database, Endurance, open_database
from optisearch.study import Study
from optisearch.training import make_trainer

Crash = Callable[[], None]

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


@pytest.fixture
def crash(server: Server, monkeypatch: pytest.MonkeyPatch) -> Crash:
    """The next transaction is committed, and the server goes away before it says so."""
    exclusive, armed = Database.exclusive, []

    @contextlib.contextmanager
    def crashing(self: Database, name: str | None) -> Iterator[None]:
        with exclusive(self, name):
            yield
        if armed:
            armed.pop()
            server.stop(at_once=True)
            server.start()
            gone = Exception("server closed the connection unexpectedly")
            raise sqlalchemy.exc.OperationalError("COMMIT", {}, gone)

    monkeypatch.setattr(Database, "exclusive", crashing)
    return lambda: armed.append(None)


def test_what_was_taken_without_its_being_said_is_taken_up(
    crash: Crash, stage: Stage, owner: Owner
) -> None:
    crash()
    trial = stage.take(owner)
    assert isinstance(trial, Trial)
    assert [(each.number, each.state) for each in stage.trials()] == [(0, TrialState.RUNNING)]
    assert trial.number == 0


def test_what_was_told_without_its_being_said_is_told(
    crash: Crash, stage: Stage, owner: Owner, parabola: Study
) -> None:
    trial = stage.take(owner)
    assert isinstance(trial, Trial)
    trainer = make_trainer(parabola, None)

    def last_moment() -> bool:
        crash()
        return False

    ended = attempt(
        *(trial, parabola, trainer), database=stage.database, stopping=last_moment, listener=silence
    )
    (stored,) = stage.trials()
    assert (ended.reason, ended.value) == ("completed", stored.value)
    assert stored.state is TrialState.COMPLETE
    assert stored.user_attrs["end_reason"] == "completed"


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
        pytest.raises(OutageError, match="waited for in vain") as caught,
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
