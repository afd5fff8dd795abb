"""`postgres.sbatch` on a real Slurm: who may connect, and that its data outlive its job."""

import re
import stat
import sys
from pathlib import Path

import psycopg
import pytest

from .cluster import wait_until
from .jobs import Postgres, Stored

pytestmark = [pytest.mark.slurm, pytest.mark.postgresql, pytest.mark.processes]


@pytest.fixture(scope="module")
def own(cluster):
    """A folder on n1 for these tests, one after the other: its data outlive their jobs."""
    return Postgres(cluster, cluster.folder / "own", "n1")


@pytest.fixture
def postgres(own):
    """A server that may be ended; not submitted yet."""
    yield own
    print(own.log)
    own.cluster.do("scancel", f"--name={own.folder.name}", "--partition=high")
    wait_until(lambda: not own.processes(), "it is gone")
    own.url_file.unlink(missing_ok=True)


def connect(url, **other):
    return psycopg.connect(url, connect_timeout=10, autocommit=True, **other)


def test_its_files_are_its_users_alone(server):
    server.url()
    modes = {
        name: stat.S_IMODE((server.folder / name).stat().st_mode)
        for name in (".", "data", "password", "url")
    }
    assert modes == {".": 0o700, "data": 0o700, "password": 0o600, "url": 0o600}


def test_it_asks_for_the_password(server):
    url = server.url()
    password = (server.folder / "password").read_text()
    assert re.fullmatch(r"[0-9a-f]{48}", password)
    assert url.startswith(f"postgresql://optisearch:{password}@127.0.0.1:")
    with connect(url) as connection:
        (encryption,) = connection.execute("SHOW password_encryption").fetchone()
    assert encryption == "scram-sha-256"
    for wrong in ("", "0" * 48):
        with pytest.raises(psycopg.OperationalError, match="password"):
            connect(url, password=wrong)
    assert password not in server.log


def test_it_listens_on_the_nodes_address_only(server):
    port = psycopg.conninfo.conninfo_to_dict(server.url())["port"]
    listening = [
        connection
        for process in server.processes()
        for connection in process.net_connections("all")
        if connection.status == "LISTEN"
    ]
    assert [connection.laddr for connection in listening] == [("127.0.0.1", int(port))]
    assert not list(server.folder.rglob(".s.PGSQL*"))


def test_at_the_time_limit_it_comes_back_and_its_workers_go_on(postgres, cluster, search, until):
    postgres.submit("--time=2")
    search.url_file.unlink()
    search.url_file.symlink_to(postgres.url_file)
    job = search.submit(trials=30)
    search.stored = Stored(postgres.url(), search.stored.name)
    until(search.stored.in_training, "a worker trains")
    until(lambda: postgres.state == "PENDING", "it is requeued")
    assert postgres.log.count("database system is shut down") == 1
    assert not postgres.url_file.exists()
    search.slow.unlink()
    until(lambda: cluster.hurry(postgres.job) and postgres.url_file.exists(), "it is back")
    assert postgres.url() == search.stored.url  # the port was free again
    until(lambda: search.states(job) == ["COMPLETED"], "the study is done")
    search.check_trained(30)
    assert search.stored.count("FAIL") == 0


def test_where_none_are_on_the_path_pips_programs_are_used(cluster):
    postgres = Postgres(cluster, cluster.folder / "pips", "n2")
    postgres.submit(PATH="/usr/bin:/bin")
    with connect(postgres.url()) as connection:
        (version,) = connection.execute("SHOW server_version").fetchone()
    (server, *_) = [each for each in postgres.processes() if each.name() == "postgres"]
    assert Path(server.exe()).is_relative_to(sys.prefix)
    assert f"starting PostgreSQL {version}" in postgres.log
    cluster.do("scancel", postgres.job)


def test_what_is_cancelled_shuts_down_and_leaves_its_data(postgres, cluster, until):
    postgres.submit()
    with connect(postgres.url()) as connection:
        connection.execute("CREATE TABLE cancelled AS SELECT 7 AS number")
        cluster.do("scancel", postgres.job)
        # Without waiting for those who are connected.
        until(lambda: "database system is shut down" in postgres.log, "it shuts down")
    until(lambda: postgres.state == "CANCELLED", "the job has ended")
    until(lambda: not postgres.url_file.exists(), "its address is gone")
    password = (postgres.folder / "password").read_text()
    postgres.submit()
    with connect(postgres.url(), password=password) as connection:
        assert connection.execute("SELECT number FROM cancelled").fetchone() == (7,)
    assert "was not properly shut down" not in postgres.log


def test_after_a_crash_it_can_be_submitted_again(postgres, cluster, until):
    postgres.submit()
    with connect(postgres.url()) as connection:
        connection.execute("CREATE TABLE crashed AS SELECT 7 AS number")
    processes = postgres.processes()
    assert len(processes) > 2  # the script, the server and its helpers
    for process in processes:
        process.kill()
    until(lambda: postgres.state == "FAILED", "the job has ended")
    assert postgres.url_file.exists()  # of a server that is no more
    postgres.submit()
    until(lambda: "serving at" in postgres.log, "it is up again")
    with connect(postgres.url()) as connection:
        assert connection.execute("SELECT number FROM crashed").fetchone() == (7,)
    assert "was not properly shut down" in postgres.log


def test_the_same_twice_waits_its_turn(postgres, cluster, until):
    first = postgres.submit()
    postgres.url()
    second = postgres.submit()
    until(lambda: cluster.tasks(second)[0]["Reason"] == "Dependency", "it waits")
    cluster.do("scancel", second)
    postgres.job = first


def test_two_servers_on_the_same_data_are_refused(postgres, cluster, until):
    first = postgres.submit()
    url = postgres.url()
    postgres.submit("--job-name=another")
    until(lambda: postgres.state == "FAILED", "it is refused")
    assert "a server holds" in postgres.log
    connect(url).close()
    postgres.job = first


def test_a_folder_must_be_named(postgres, cluster, until):
    postgres.submit(folder="")
    until(lambda: postgres.state == "FAILED", "it is refused")
    assert "usage: sbatch postgres.sbatch FOLDER" in postgres.log
