"""A run of the parabola study, as the watching process sees it."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from optisearch.address import parse
from optisearch.events import Ready
from optisearch.loading import read_source
from optisearch.manifest import describe
from optisearch.pool.heading import Launch
from optisearch.pool.layout import Layout
from optisearch.stage import Stage
from optisearch.study import Study


@pytest.fixture
def launch() -> Launch:
    return Launch(
        Path("studies/parabola.py"),
        parse("postgresql://ann:s3cret@db/results"),
        Layout(workers=2, threads=1),
        timeout_seconds=90.0,
    )


@pytest.fixture
def ready(parabola: Study, parabola_file: Path) -> Callable[..., Ready]:
    """What the first worker says when a stage is open."""

    def of(stage: Stage, **more: Any) -> Ready:
        manifest = describe(parabola, None, source=read_source(parabola_file))
        given = {"total": stage.budget.trials or 0} | more
        return Ready(stage.name, manifest, asdict(stage.settings), stage.budget.as_dict(), **given)

    return of
