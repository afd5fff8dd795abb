"""A search whose trials have histories."""

from collections.abc import Callable
from typing import Any

import pytest

from optisearch.reading import StageResults

NewStage = Any  # the class `Stage` of ../conftest.py


def history(*values: float | str, loss: bool = True) -> dict[str, Any]:
    """A trial's recorded epochs: `val_accuracy`, and if asked the three other metrics."""
    rows = []
    for epoch, value in enumerate(values):
        row: dict[str, Any] = {"epoch": epoch, "seconds": 1.0, "val_accuracy": value}
        if loss:
            row |= {"accuracy": 0.5 + epoch / 10, "loss": 1 / (epoch + 1), "val_loss": 0.75}
        rows.append(row)
    return {"optisearch:history": rows}


@pytest.fixture
def recorded(new_stage: Callable[..., NewStage]) -> StageResults:
    """The baseline, nine better trials from 0.91 to 0.99, one pruned, one diverged."""
    built = new_stage().add("completed", 0.9, system=history(0.5, 0.9))
    for number in range(1, 10):
        value = round(0.9 + number / 100, 2)
        params = new_stage.point("sgd", 0.001 * number)
        built.add("completed", value, params=params, system=history(0.6, value - 0.01, value))
    built.add("pruned", 0.2, params=new_stage.point("sgd", 0.5), system=history(0.1, 0.2))
    built.add("diverged", 0.1, params=new_stage.point("sgd", 0.9), system=history("nan"))
    return built.read()
