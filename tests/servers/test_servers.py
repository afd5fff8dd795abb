"""Servers of the tests' own stop, start again with their data, and leave nothing behind."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import sqlalchemy
from tests.processes.waiting import wait_until

from .network import Host, Network
from .postgresql import PostgreSQL, Template
from .server import Server


@pytest.fixture(
    params=[
        pytest.param("own_postgresql", marks=pytest.mark.postgresql),
        pytest.param("own_installed_postgresql", marks=pytest.mark.postgresql),
        pytest.param("own_mariadb", marks=pytest.mark.mariadb),
    ]
)
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def execute(server: Server, statement: str) -> list[tuple]:
    # An address and a password, as from another machine.
    scheme = "postgresql+psycopg" if isinstance(server, PostgreSQL) else "mysql+pymysql"
    url = f"{scheme}://{server.url().partition('://')[2]}"
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sqlalchemy.text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


@pytest.mark.processes
@pytest.mark.parametrize("at_once", [False, True], ids=["stopped", "crashed"])
def test_stops_and_starts_again_with_its_data(server: Server, at_once: bool) -> None:
    execute(server, "CREATE TABLE numbers (number integer)")
    execute(server, "INSERT INTO numbers VALUES (7)")
    server.stop(at_once=at_once)
    assert not server.is_running
    with pytest.raises(sqlalchemy.exc.OperationalError):
        execute(server, "SELECT 1")
    server.start()
    assert execute(server, "SELECT number FROM numbers") == [(7,)]
    engine = sqlalchemy.create_engine(server.local_url)
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT number FROM numbers")).scalar() == 7
    engine.dispose()
    folder = server.folder
    server.close()
    assert not folder.exists()
    assert processes_of(folder) == []


STARTER = """
import sys, time
from pathlib import Path
from tests.servers.postgresql import PostgreSQL, Template
server = PostgreSQL(Template(Path(sys.argv[1]), Path(sys.argv[2])))
server.start()
print(server.folder, flush=True)
time.sleep(600)
"""


@pytest.mark.processes
@pytest.mark.postgresql
def test_ends_with_the_tests_however_they_end(postgresql_template: Template) -> None:
    template = [str(postgresql_template.folder), str(postgresql_template.binaries)]
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, *template],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    folder = Path(starter.stdout.readline().strip())
    assert processes_of(folder)
    starter.kill()
    starter.communicate()
    wait_until(lambda: not folder.exists(), "its guard has ended it", 30)
    assert processes_of(folder) == []


def processes_of(folder: Path) -> list[psutil.Process]:
    """Those of a server: they name its folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(folder) in " ".join(process.info["cmdline"] or [])
    ]


ECHO = """
import socket, sys
with socket.socket(type=socket.SOCK_DGRAM) as here:
    here.bind(("", 7007))
    while True:
        here.sendto(*here.recvfrom(100))
"""
ASK = """
import socket, sys
with socket.socket(type=socket.SOCK_DGRAM) as here:
    here.settimeout(0.05)
    answers = 0
    for number in range(int(sys.argv[2])):
        try:
            here.sendto(b"hello", (sys.argv[1], 7007))
            answers += here.recv(100) == b"hello"
        except OSError:
            pass
print(answers)
"""


@pytest.fixture
def hosts() -> Iterator[Network]:
    """A network whose `db` answers."""
    with Network() as network:
        echo = subprocess.Popen([*network.db.prefix, sys.executable, "-c", ECHO])
        try:
            wait_until(lambda: answers(network.h1, network, 1), "it answers")
            yield network
        finally:
            echo.kill()
            echo.wait()


def answers(host: Host, network: Network, questions: int) -> int:
    """How many of a host's questions come through and back."""
    words = [sys.executable, "-c", ASK, network.db.address, str(questions)]
    return int(subprocess.check_output([*host.prefix, *words]))


@pytest.mark.processes
class TestNetwork:
    def test_hosts_reach_each_other_until_they_are_cut_off(self, hosts: Network) -> None:
        assert answers(hosts.h1, hosts, 10) == 10
        hosts.cut_off(hosts.h1)
        assert answers(hosts.h1, hosts, 10) == 0
        assert answers(hosts.h2, hosts, 10) == 10
        hosts.join(hosts.h1)
        wait_until(lambda: answers(hosts.h1, hosts, 10) == 10, "it is back")

    def test_loses_packets(self, hosts: Network) -> None:
        hosts.h1.lose(20)
        # 64 expected, with a standard deviation of 5.
        assert 35 < answers(hosts.h1, hosts, 100) < 93
        assert answers(hosts.h2, hosts, 10) == 10

    def test_has_names(self, hosts: Network) -> None:
        say = [sys.executable, "-c", "import socket; print(socket.gethostname())"]
        assert subprocess.check_output([*hosts.h1.prefix, *say], text=True) == "h1\n"
        assert socket.gethostname() != "h1"

    def test_is_not_in_the_machines_own(self) -> None:
        before = set(psutil.net_if_addrs())
        with Network():
            assert set(psutil.net_if_addrs()) == before
