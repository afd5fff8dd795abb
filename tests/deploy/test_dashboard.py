"""The program that serves the dashboard, and the checks that ask it, are run as the files say."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import yaml

from optisearch.address import Address
from optisearch.storage import open_database

from .checks import DEPLOY

pytestmark = pytest.mark.processes


def in_compose() -> tuple[list[str], list[str]]:
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["dashboard"]
    return service["entrypoint"], service["healthcheck"]["test"][1:]


def in_kubernetes() -> tuple[list[str], list[str]]:
    text = (DEPLOY / "kubernetes" / "dashboard.yaml").read_text()
    pod = next(yaml.safe_load_all(text))["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    return container["command"], container["readinessProbe"]["exec"]["command"]


def here(command: list[str], port: int) -> list[str]:
    """The command on this machine, which has a port of its own."""
    assert command[0] == "python"
    return [sys.executable, *(word.replace("8080", str(port)) for word in command[1:])]


@contextlib.contextmanager
def served(command: list[str], address: Address) -> Iterator[psutil.Process]:
    environment = {**os.environ, "OPTISEARCH_STORAGE": address.text}
    process = subprocess.Popen(command, cwd=DEPLOY.parent, env=environment)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(("read", "host"), [(in_compose, "0.0.0.0"), (in_kubernetes, "127.0.0.1")])
def test_it_serves_where_it_should_and_its_check_sees_it(
    read: Any, host: str, sqlite: Address
) -> None:
    open_database(sqlite, create=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program, check = (here(command, port) for command in read())

    def is_well() -> bool:
        return subprocess.run(check, stderr=subprocess.DEVNULL, check=False).returncode == 0

    assert not is_well(), "the check notices where nothing is served"
    with served(program, sqlite) as process:
        deadline = time.monotonic() + 60
        while not is_well():
            assert process.is_running()
            assert time.monotonic() < deadline
        listening = {
            each.laddr.ip for each in process.net_connections("tcp") if each.status == "LISTEN"
        }
        assert listening == {host}
        assert not any(sqlite.text in word for word in process.cmdline())
