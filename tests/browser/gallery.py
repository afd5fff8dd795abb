"""What the browser looks at: a folder with a database of real searches, made once a session."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from tests.processes.home import Home

from .dashboards import STORAGE, TOKEN, Dashboard

TRIALS = 40


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory, parabola_file: Path) -> Path:
    """Where study files are copied from."""
    folder = tmp_path_factory.mktemp("studies")
    for file in (parabola_file, *(Path(__file__).parent / "studies").glob("*.py")):
        shutil.copy(file, folder)
    return folder


@pytest.fixture(scope="session")
def gallery(made: Callable[..., Path]) -> Path:
    """A folder in which `parabola` was searched and compared. No test changes it."""
    return made(
        "gallery",
        ("run", "parabola.py", "--trials", str(TRIALS)),
        ("compare", "parabola.py", "--seeds", "3"),
    )


@pytest.fixture(scope="session")
def curves(made: Callable[..., Path]) -> Path:
    """A folder in which `curves` was searched, with Keras. No test changes it."""
    return made("curves", ("run", "curves.py", "--trials", "2", "--pruner", "none"))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, studies: Path) -> Callable[..., Path]:
    """Makes a folder by commands, once for all of pytest's workers."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def make(name: str, *commands: tuple[str, ...]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with FileLock(shared / f"{name}.lock"):
            if not done.exists():
                shutil.copytree(studies, folder)
                for words in commands:
                    result = Home(folder).run(*words, *STORAGE, "--workers", "1", "-q")
                    assert result.code in (0, 1), result  # 1: with failures
                done.touch()
        return folder

    return make


def copy_of(folder: Path, parent: Path) -> Home:
    """A copy of a folder: pytest's workers share the folder, and no two may serve from one."""
    copy = parent / folder.name
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return Home(copy)


@pytest.fixture
def stored(tmp_path: Path, gallery: Path) -> Iterator[Home]:
    """A copy of the gallery, for tests that change it, or try to."""
    home = copy_of(gallery, tmp_path)
    yield home
    home.clean_up()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, gallery: Path) -> Iterator[Home]:
    """The copy of the gallery that a module's dashboards show."""
    home = copy_of(gallery, tmp_path_factory.mktemp("shown"))
    yield home
    home.clean_up()


@pytest.fixture(scope="module")
def _dashboards(shown: Home) -> Callable[..., Dashboard]:
    """Those of a module."""
    served: dict[tuple[str, ...], Dashboard] = {}

    def serve(*words: str, token: str = "") -> Dashboard:
        key = (*words, token)
        if key not in served:
            served[key] = Dashboard.start(shown, *words, token=token)
        return served[key]

    return serve


@pytest.fixture
def dashboard(_dashboards: Callable[..., Dashboard]) -> Dashboard:
    """As it is started without an option: on this machine alone, for everybody on it."""
    return _dashboards()


@pytest.fixture
def exposed(_dashboards: Callable[..., Dashboard]) -> Dashboard:
    """As it is started for others: with a token, and read-only."""
    return _dashboards("--host", "0.0.0.0", token=TOKEN)
