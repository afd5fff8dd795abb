"""What nobody else publishes."""

import contextlib
from collections.abc import Callable, Iterator

import optuna
import pytest
from tests.processes.waiting import wait_until

from optisearch import record
from optisearch.address import Address
from optisearch.dashboard import publishers
from optisearch.dashboard.publishers import Publishers
from optisearch.publishing import publisher
from optisearch.stage import Stage
from optisearch.storage import Database, attributes, open_database


@pytest.fixture
def database(sqlite: Address) -> Database:
    return open_database(sqlite, create=True)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine it takes long to publish, and publishers then rest for longer."""
    monkeypatch.setattr(publisher, "_WORKER_SHARE", 1.0)


@pytest.fixture
def stage(database: Database, open_parabola: Callable[..., Stage]) -> Stage:
    return open_parabola(database)


def ends(stage: Stage) -> None:
    """Another trial ends, by a worker that publishes nothing."""
    trial = stage.study.ask()
    trial.report(1.0, 0)
    stage.study.tell(trial, 1.0)


def published(database: Database, name: str = "parabola/search") -> int:
    last = attributes.of_all_studies(database.storage, record.PUBLISHED)[name]
    return last["ended"] if last else 0


@contextlib.contextmanager
def looked_after(database: Database) -> Iterator[Publishers]:
    with Publishers(database, look_seconds=0.02) as found:
        yield found


def test_what_was_left_behind_and_what_comes(database: Database, stage: Stage) -> None:
    ends(stage)
    with looked_after(database):
        wait_until(lambda: published(database) == 1, "what was left behind")
        ends(stage)
        ends(stage)
        wait_until(lambda: published(database) == 3, "what came since")


def test_a_study_of_others_is_left_alone(database: Database, stage: Stage) -> None:
    other = optuna.create_study(storage=database.storage, study_name="other")
    other.tell(other.ask(), 1.0)
    ends(stage)
    before = database.storage.get_study_system_attrs(other._study_id)
    with looked_after(database):
        wait_until(lambda: published(database) == 1, "ours")
    assert database.address
    assert (
        open_database(database.address, create=False).storage.get_study_system_attrs(
            other._study_id
        )
        == before
    )


def test_a_stage_is_left_when_nothing_comes_any_more(
    database: Database, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishers, "_QUIET_LOOKS", 2)
    ends(stage)
    with looked_after(database) as found:
        wait_until(lambda: found._publishing, "it begins")
        wait_until(lambda: not found._publishing, "it ends")
        assert published(database) == 1
        ends(stage)
        wait_until(lambda: published(database) == 2, "it begins again")


def test_it_outlives_an_outage_and_says_a_fault_once(
    database: Database,
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ends(stage)
    looks: list[int] = []
    find = Publishers._find_due

    def failing(self: Publishers) -> frozenset[int]:
        looks.append(1)
        if len(looks) < 4:
            raise KeyError("deleted")
        if len(looks) < 8:
            raise ValueError("ours")
        return find(self)

    monkeypatch.setattr(Publishers, "_find_due", failing)
    with looked_after(database):
        wait_until(lambda: published(database) == 1, "it goes on")
    assert capsys.readouterr().err == "publishing: ValueError: ours\n"
