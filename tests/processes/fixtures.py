"""Fixtures for tests that start processes. A folder of tests says by `studies` which it copies."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.servers.skipping import not_tested

from .home import Home
from .mounts import Mounts
from .terminal import Terminal
from .waiting import wait_until


@pytest.fixture
def home(tmp_path: Path, studies: Path) -> Iterator[Home]:
    """An empty folder to be in."""
    folder = tmp_path / "home"
    folder.mkdir()
    home = Home(folder, studies)
    yield home
    home.clean_up()


@pytest.fixture
def terminal(home: Home) -> Iterator[Callable[..., Terminal]]:
    """Starts a command on a terminal of its own."""
    opened: list[Terminal] = []

    def start(*words: str) -> Terminal:
        command = [sys.executable, "-m", "optisearch", *words]
        opened.append(Terminal(command, home.folder, home.environment()))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


@pytest.fixture
def until() -> Callable[..., object]:
    """Polls until a condition holds."""
    return wait_until


@pytest.fixture
def namespace(home: Home) -> Iterator[Mounts]:
    """A mount namespace with an empty folder `disk`; skips where they aren't allowed."""
    if not shutil.which("unshare") or not shutil.which("nsenter"):
        not_tested("there is no unshare (util-linux) to make a small disk with", needs_root=True)
    mounts = Mounts(home.folder)
    try:
        mounts.do("mount", "-t", "tmpfs", "-o", "size=64k", "probe", str(mounts.disk))
        mounts.do("umount", str(mounts.disk))
    except subprocess.CalledProcessError as error:
        mounts.close()
        not_tested(
            f"no disk can be mounted here ({error.stderr.strip()}); be root", needs_root=True
        )
    home.prefix = mounts.prefix
    yield mounts
    home.clean_up()
    mounts.close()
