"""Stages as a notebook reads them."""

from collections.abc import Callable

import pytest
from tests.pool.conftest import launch, ready
from tests.report.conftest import Stage, new_stage, searched, stage
from tests.report.figures.conftest import history, recorded

from optisearch.address import parse
from optisearch.api import Results
from optisearch.reading import StageResults

__all__ = ["Stage", "history", "launch", "new_stage", "ready", "recorded", "searched", "stage"]

Read = Callable[[StageResults], Results]


@pytest.fixture
def read() -> Read:
    """A stage as `results` would return it."""
    return lambda stage: Results(stage, parse("sqlite:///r.db"))
