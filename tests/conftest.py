"""What many tests need: the parabola study, stages of it, and databases to keep them in."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from optisearch import Comparison
from optisearch.address import Address, parse
from optisearch.errors import Difference
from optisearch.joining import open_stage
from optisearch.lease import Owner
from optisearch.loading import load_study
from optisearch.manifest import describe
from optisearch.plan import EVERYTHING, Wanted
from optisearch.settings import Wishes
from optisearch.stage import Stage
from optisearch.stage_plans import comparisons_for
from optisearch.storage import Database
from optisearch.study import Study

from .servers.fixtures import (
    installed_postgresql_template,
    mariadb,
    mariadb_server,
    mariadb_template,
    own_installed_postgresql,
    own_mariadb,
    own_postgresql,
    postgresql,
    postgresql_server,
    postgresql_template,
)

__all__ = [
    "installed_postgresql_template",
    "mariadb",
    "mariadb_server",
    "mariadb_template",
    "own_installed_postgresql",
    "own_mariadb",
    "own_postgresql",
    "postgresql",
    "postgresql_server",
    "postgresql_template",
]

# A machine that is shared says nothing about the time an example takes.
hypothesis.settings.register_profile("shared", deadline=None, max_examples=50)
hypothesis.settings.load_profile("shared")


@pytest.fixture(scope="session")
def parabola_file() -> Path:
    return Path(__file__).parent / "studies" / "parabola.py"


@pytest.fixture(scope="session")
def parabola(parabola_file: Path) -> Study:
    """A study without Keras that trains in a millisecond."""
    return load_study(parabola_file)


@pytest.fixture
def open_parabola(parabola: Study) -> Callable[..., Stage]:
    """Opens the parabola's stage, in a memory of its own or in a given database."""

    def opened(
        database: Database | None = None, *, study: Study = parabola, **wishes: Any
    ) -> Stage:
        wanted = Wishes(**({"sampler": "random", "pruner": "none"} | wishes))
        return open_stage(
            database or Database.in_memory(), describe(study, None), wanted, max_epochs=4
        )

    return opened


@pytest.fixture
def open_compare(parabola: Study) -> Callable[..., Stage]:
    """Opens the parabola's compare stage, in a memory of its own or in a given database."""

    def opened(
        *comparisons: Comparison,
        database: Database | None = None,
        study: Study = parabola,
        wanted: Wanted = EVERYTHING,
        redefine: bool = True,
        changed: Callable[[list[Difference]], None] = list,
        **wishes: Any,
    ) -> Stage:
        compared = replace(study, comparisons=comparisons) if comparisons else study
        return open_stage(
            database or Database.in_memory(),
            describe(compared, None),
            Wishes(**wishes),
            kind="compare",
            planned=comparisons_for(compared, "x.py", redefine=redefine, changed=changed),
            wanted=wanted,
            max_epochs=4,
        )

    return opened


@pytest.fixture(scope="session")
def owner() -> Owner:
    """This process."""
    return Owner.current()


@pytest.fixture
def sqlite(tmp_path: Path) -> Address:
    """A SQLite file that isn't there yet."""
    return parse(f"sqlite:///{tmp_path / 'results.db'}")


@pytest.fixture
def in_folder(tmp_path: Path) -> Iterator[Path]:
    """An empty working folder."""
    with contextlib.chdir(tmp_path):
        yield tmp_path
