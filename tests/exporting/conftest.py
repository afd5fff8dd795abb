"""A recorded trial, as Keras's would be."""

from typing import Any

import pytest

from optisearch.reading import StageInfo, StageResults, TrialResult
from optisearch.replaying import Recorded
from optisearch.space.stored import FactorInfo

ROWS: list[dict[str, Any]] = [
    {"epoch": 0, "seconds": 0.5, "loss": 0.9, "val_loss": 0.8, "val_accuracy": 0.5},
    {"epoch": 1, "seconds": 0.4, "loss": 0.7, "val_loss": 0.6, "val_accuracy": 0.75},
]


@pytest.fixture
def recorded() -> Recorded:
    """The best of two trials, which has been trained for two epochs."""
    best = TrialResult(
        1,
        "completed",
        0.75,
        {"rate": 0.1 + 0.2, "kind": "a|b"},
        seed=7,
        epochs_trained=2,
        seconds=1.5,
        parameters=1234,
        machine={"processor": "Abacus", "threads": 2},
        history=ROWS,
    )
    info = StageInfo(
        name="toy/search",
        study="toy",
        stage="search",
        title="Toy: which kind?",
        metric="val_accuracy",
        direction="maximize",
        factors=(
            FactorInfo("rate", "real", 0.5, low=0.001, high=1.0, log=True),
            FactorInfo("kind", "choice", "b", options=("a|b", "b")),
        ),
        fixed={"units": 8},
        data={
            "name": "digits",
            "fingerprint": "sha256:abc",
            "sizes": {"train": 1000, "validation": 100, "test": None},
            "note": "",
        },
        versions={"keras": "3.15.1"},
        file="studies/toy.py",
        declared=True,
    )
    stage = StageResults(info, (TrialResult(0, "completed", 0.5), best))
    return Recorded(stage, best, {"versions": info.versions}, stages={"search": stage})
