"""Small tables made by hand."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))

from benchmarks.curves.grid import Grid
from benchmarks.curves.table import Table

from optisearch import choice, integer, real
from optisearch import space as spaces
from optisearch.space.stored import FactorInfo

EPOCHS = 6


@dataclass(frozen=True)
class Space:
    kind: str = choice("plain", "strong", "other", baseline="plain")
    rate: float = real(1e-4, 1.0, log=True, baseline=1e-2)
    strength: float = real(0.0, 1.0, baseline=0.5, when={"kind": "strong"})
    epochs: int = integer(2, EPOCHS, baseline=3)
    units: int = 8


LEVELS = {
    "kind": ("plain", "strong"),
    "rate": (1e-4, 1e-2, 1.0),
    "strength": (0.2, 0.6),
}


@pytest.fixture
def grid() -> Grid:
    return Grid.of(Space, LEVELS)


@pytest.fixture
def make_table(grid: Grid) -> Callable[..., Table]:
    """A table in which a point's value rises evenly to its last one, a second for each epoch."""

    def make(last: np.ndarray | None = None, **changed: object) -> Table:
        points = len(grid.keys)
        ends = np.linspace(0.1, 0.9, points) if last is None else last
        rising = np.arange(1, EPOCHS + 1) / EPOCHS
        given = {
            "study": "made",
            "metric": "val_accuracy",
            "direction": "maximize",
            "grid": grid,
            "epochs": FactorInfo.from_manifest(spaces.factors(Space)["epochs"].as_dict()),
            "values": (ends[:, None] * rising[None, :]).astype("float32"),
            "seconds": np.ones((points, EPOCHS), "float32"),
            "starts": np.full(points, 0.5, "float32"),
            "recorded": {
                "data": {"name": "made", "sizes": {"train": 10}},
                "versions": {"keras": "3", "tensorflow": "2"},
                "machine": "none",
                "date": "today",
            },
        }
        return Table(**(given | changed))  # type: ignore[arg-type]

    return make
