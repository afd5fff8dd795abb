"""A real Slurm, a PostgreSQL and a search on it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from .cluster import NODES, Cluster, wait_until, which
from .jobs import Postgres, Search

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "scancel")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Slurm of three nodes. Where it isn't installed the tests are skipped, but not in CI."""
    missing = [program for program in PROGRAMS if not which(program)]
    if missing:
        said = (
            f"NOT TESTED: no {', '.join(missing)}; apt install slurmctld slurmd slurm-client munge"
        )
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(said)
    folder = Path(tempfile.mkdtemp(prefix="optisearch-slurm-"))
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server(cluster: Cluster) -> Postgres:
    """A PostgreSQL on n0 for all tests, by the script that users are given."""
    server = Postgres(cluster, cluster.folder / "server", "n0")
    server.submit()
    return server


@pytest.fixture
def search(cluster: Cluster, server: Postgres) -> Iterator[Search]:
    """A study of its own to search; its jobs are gone afterwards."""
    folder = cluster.folder / f"slope-{uuid4().hex[:8]}"
    folder.mkdir()
    yield Search(cluster, folder, server.url())
    for log in (*folder.glob("log-*"), cluster.folder / "slurmctld.log"):
        print(log, log.read_text(), sep="\n")  # shown where the test fails
    cluster.do("scancel", "--partition=low")
    wait_until(lambda: not cluster.do("squeue", "--noheader", "--partition=low"), "no job is left")
    for node in NODES:
        if cluster.daemons[node].poll() is not None:
            cluster.start_node(node)
    wait_until(cluster.is_idle, "all nodes are there")


@pytest.fixture
def until() -> Callable[..., object]:
    return wait_until
