"""How one waits for a lock of PostgreSQL's: outside its queue, most of the time."""

import threading

import pytest
import sqlalchemy
from tests.processes.waiting import wait_until

from optisearch.address import Address
from optisearch.storage import Database, locks, open_database
from optisearch.storage.errors import is_in_use

pytestmark = pytest.mark.postgresql

QUEUED = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
LIMIT = "SHOW lock_timeout"


def asked(database: Database, question: str) -> object:
    assert database.engine is not None
    with database.engine.connect() as connection:
        return connection.execute(sqlalchemy.text(question)).scalar_one()


@pytest.fixture
def database(postgresql: Address) -> Database:
    return open_database(postgresql, create=True)


def test_who_waits_leaves_the_queue_and_is_let_in_nevertheless(
    database: Database,
    postgresql: Address,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(locks, "_LONGEST_PAUSE_SECONDS", 0.3)
    looking, let_in = open_database(postgresql, create=False), threading.Event()

    def wait() -> None:
        with open_database(postgresql, create=False).exclusive("it"):
            let_in.set()

    waiting = threading.Thread(target=wait)
    with database.exclusive("it"):
        waiting.start()
        for _ in range(2):
            wait_until(lambda: asked(looking, QUEUED) == 1, "it queues up")
            wait_until(lambda: asked(looking, QUEUED) == 0, "it leaves the queue")
        assert not let_in.is_set()
    assert let_in.wait(30)
    waiting.join()


def test_the_wait_has_an_end(
    database: Database, postgresql: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LOCK_SECONDS", 1)
    other = open_database(postgresql, create=False)
    with database.exclusive("it"):
        with pytest.raises(sqlalchemy.exc.OperationalError) as caught, other.exclusive("it"):
            pass
        assert is_in_use(caught.value)
    with other.exclusive("it"):  # the connection is as good as before
        pass


def test_the_rest_of_the_transaction_waits_as_long_as_ever(database: Database) -> None:
    before = asked(database, LIMIT)
    with database.exclusive("it"):
        assert database.backend is not None
        connection = database.backend.connection
        assert connection is not None
        assert connection.execute(sqlalchemy.text(LIMIT)).scalar_one() == before
    assert asked(database, LIMIT) == before
