"""Keepers on real databases: they show life, and take trials from those who don't."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from optuna import Trial
from optuna.trial import TrialState
from tests.processes.waiting import wait_until
from tests.servers.server import Server

from optisearch import record
from optisearch.address import Address, parse
from optisearch.events import Event, Lost, silence
from optisearch.lease import Keeper, Owner
from optisearch.lease.watch import GRACE_BEATS
from optisearch.stage import Stage
from optisearch.storage import Endurance, open_database

# The least that MariaDB's clock of whole seconds can tell apart.
EVERY = 1.0
PATIENCE_SECONDS = 25


Join = Callable[[], Stage]


def joining(address: Address, open_parabola: Callable[..., Stage]) -> Join:
    def join() -> Stage:
        database = open_database(
            address, create=True, lock_wait_seconds=60, endurance=Endurance(60.0)
        )
        return open_parabola(database, trials=9)

    return join


@pytest.fixture
def join(address: Address, open_parabola: Callable[..., Stage]) -> Join:
    """Joins the same stage, over connections of its own."""
    return joining(address, open_parabola)


@pytest.fixture
def elsewhere(owner: Owner) -> Owner:
    """A worker on another machine, of which nothing is known but its heartbeats."""
    return replace(owner, host="elsewhere", heartbeat_seconds=EVERY)


def taken(stage: Stage, owner: Owner) -> Trial:
    trial = stage.take(owner)
    assert isinstance(trial, Trial)
    return trial


def keeper(stage: Stage, listener: Callable[[Event], None] = silence) -> Keeper:
    return Keeper(stage.database, stage.study._study_id, listener, EVERY)


@contextlib.contextmanager
def kept(stage: Stage, trial: Trial, listener: Callable[[Event], None]) -> Iterator[None]:
    with keeper(stage, listener) as shown, shown.holding(trial._trial_id):
        yield


def test_who_never_gives_a_sign_of_life_is_lost_and_who_does_is_not(
    join: Join, elsewhere: Owner
) -> None:
    living, dying, watching, another = join(), join(), join(), join()
    alive, dead = taken(living, elsewhere), taken(dying, elsewhere)
    heard: list[Event] = []
    began = time.monotonic()
    # Three watchers see the same death; one of them records it.
    with (
        kept(living, alive, heard.append),
        keeper(watching, heard.append),
        keeper(another, heard.append),
    ):
        wait_until(lambda: bool(heard), "somebody is lost", PATIENCE_SECONDS)
        took = time.monotonic() - began
        # The living one was watched for longer than the dead one by now, and longer still.
        wait_until(
            lambda: watching.database.now() > deadline(watching, dead),
            "another grace has passed",
            PATIENCE_SECONDS,
        )
    assert took >= GRACE_BEATS * EVERY
    assert heard == [Lost(dead.number, str(elsewhere))]
    states = {trial.number: trial for trial in watching.trials()}
    assert states[alive.number].state is TrialState.RUNNING
    assert states[dead.number].state is TrialState.FAIL
    assert states[dead.number].user_attrs[record.END_REASON] == "lost"


def deadline(stage: Stage, lost: Trial):  # type: ignore[no-untyped-def]
    """When a further grace has passed since a trial was lost."""
    from datetime import timedelta

    ended = stage.trials()[lost.number].datetime_complete
    assert ended is not None
    return ended.astimezone() + timedelta(seconds=GRACE_BEATS * EVERY)


def test_a_dead_process_of_this_machine_is_noticed_at_the_next_look(
    join: Join, owner: Owner
) -> None:
    stage = join()
    dead = taken(stage, replace(owner, started=0.0, heartbeat_seconds=3600.0))
    heard: list[Event] = []
    with keeper(join(), heard.append):
        wait_until(lambda: bool(heard), "somebody is lost", PATIENCE_SECONDS)
    assert stage.trials()[dead.number].state is TrialState.FAIL


def test_a_trial_of_plain_optuna_is_let_be(join: Join, elsewhere: Owner) -> None:
    stage = join()
    plain = stage.study.ask()
    lost = taken(stage, elsewhere)
    with keeper(join()):
        wait_until(
            lambda: stage.trials()[lost.number].state is TrialState.FAIL,
            "it is lost",
            PATIENCE_SECONDS,
        )
    assert stage.trials()[plain.number].state is TrialState.RUNNING


@pytest.mark.parametrize(
    "own",
    [
        pytest.param("own_postgresql", marks=pytest.mark.postgresql),
        pytest.param("own_mariadb", marks=pytest.mark.mariadb),
    ],
)
def test_an_outage_longer_than_the_grace_kills_nobody(
    own: str, request: pytest.FixtureRequest, open_parabola: Callable[..., Stage], elsewhere: Owner
) -> None:
    server: Server = request.getfixturevalue(own)
    join = joining(parse(server.url()), open_parabola)
    living, dying, watching = join(), join(), join()
    alive = taken(living, elsewhere)
    heard: list[Event] = []
    with kept(living, alive, heard.append), keeper(watching, heard.append):
        server.stop()
        began = time.monotonic()
        wait_until(
            lambda: time.monotonic() - began > (GRACE_BEATS + 2) * EVERY,
            "the grace has passed",
            PATIENCE_SECONDS,
        )
        server.start()
        dead = taken(dying, elsewhere)  # by whose end is seen that the watcher is at work again
        wait_until(lambda: bool(heard), "somebody is lost", PATIENCE_SECONDS)
    assert heard == [Lost(dead.number, str(elsewhere))]
    assert watching.trials()[alive.number].state is TrialState.RUNNING
