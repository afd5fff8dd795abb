"""Faults, each against the real thing: processes, servers, links, disks and clocks.

A representative of each always runs. OPTISEARCH_TEST_FAULTS=1 runs those marked `faults` too, which
take long; OPTISEARCH_TEST_REPEATS=10 runs the storm and the exact budget so many times in a row.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.processes.fixtures import home, namespace, until
from tests.processes.home import Home
from tests.processes.stored import Stored
from tests.servers.network import Network

from .fleet import Fleet, Place

__all__ = ["home", "namespace", "until"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("OPTISEARCH_TEST_FAULTS"):
        return
    left_out = [item for item in items if item.get_closest_marker("faults")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def studies() -> Path:
    """Where study files are copied from."""
    return Path(__file__).parent / "studies"


@pytest.fixture
def place(request: pytest.FixtureRequest, home: Home) -> Place:
    """An empty database of the kind that `kinds.on` says: a file, or on a server of the test's."""
    if request.param == "sqlite":
        return Place("sqlite:///r.db", Stored.in_file(home.folder / "r.db"))
    return Place.on(request.getfixturevalue(f"own_{request.param}"))


@pytest.fixture
def fleet(home: Home) -> Callable[..., Fleet]:
    """Workers on a database."""
    return lambda place, **what: Fleet(home, place, **what)


@pytest.fixture
def network() -> Iterator[Network]:
    """Hosts in a network of their own."""
    with Network() as network:
        yield network
