"""The dashboard, and the checks that ask it, are run as the files say."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import psutil
import pytest
import yaml

from optisearch.address import Address
from optisearch.storage import open_database

from .checks import DEPLOY

pytestmark = pytest.mark.processes

TOKEN = "a-token-that-nobody-guesses"


def in_compose() -> tuple[list[str], Any]:
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["dashboard"]
    return service["command"], service["healthcheck"]["test"][1:]


def in_kubernetes() -> tuple[list[str], Any]:
    text = (DEPLOY / "kubernetes" / "dashboard.yaml").read_text()
    pod = next(yaml.safe_load_all(text))["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    return container["args"], container["readinessProbe"]["httpGet"]


def is_well(check: Any, port: int) -> bool:
    """Whether the check passes, as a container engine or a node makes it."""
    if isinstance(check, list):
        assert check[0] == "python"
        words = [sys.executable, *(word.replace("8080", str(port)) for word in check[1:])]
        return subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode == 0
    connection = HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        # By the pod's address, which nobody told it.
        connection.request("GET", check["path"], headers={"Host": "10.244.1.7:8080"})
        return 200 <= connection.getresponse().status < 400
    except OSError:
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def served(words: list[str], port: int, address: Address) -> Iterator[psutil.Process]:
    told = [word.replace("8080", str(port)) for word in words]
    secrets = {"OPTISEARCH_STORAGE": address.text, "OPTISEARCH_TOKEN": TOKEN}
    process = subprocess.Popen(
        [sys.executable, "-m", "optisearch", *told],
        env={**os.environ, **secrets},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        assert process.wait(30) == 0


@pytest.mark.parametrize("read", [in_compose, in_kubernetes])
def test_it_serves_where_it_should_and_its_check_sees_it(read: Any, sqlite: Address) -> None:
    open_database(sqlite, create=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words, check = read()
    assert not is_well(check, port), "the check notices where nothing is served"
    with served(words, port, sqlite) as process:
        deadline = time.monotonic() + 60
        while not is_well(check, port):
            assert process.is_running()
            assert time.monotonic() < deadline
        listening = {
            each.laddr.ip for each in process.net_connections("tcp") if each.status == "LISTEN"
        }
        assert listening == {"0.0.0.0"}
        assert not any(part in word for word in process.cmdline() for part in (sqlite.text, TOKEN))
        for headers, status in (({}, 401), ({"Authorization": f"Bearer {TOKEN}"}, 200)):
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/", headers=headers)
            assert connection.getresponse().status == status
            connection.close()
