"""The tools there are, and where each of them has its runs."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from optisearch.address import Address
from optisearch.errors import OptisearchError
from optisearch.tracking import mlflow, tensorboard, wandb
from optisearch.tracking.interface import Kind

TOOLS: dict[str, Kind] = {
    "tensorboard": Kind("tensorboard", tensorboard.place, tensorboard.TensorBoard),
    "mlflow": Kind("mlflow", mlflow.place, mlflow.MLflow),
    "wandb": Kind("wandb", wandb.place, wandb.WeightsAndBiases),
}


def check_tools(names: Sequence[str]) -> None:
    """Refuse tools that aren't known or installed. Imports none.

    Raises:
        OptisearchError: One of them isn't.
    """
    for name in names:
        if name not in TOOLS:
            raise OptisearchError(
                f"there is no tool {name!r}", where="log", remedy=f"Use {' or '.join(TOOLS)}"
            )
        if find_spec(TOOLS[name].package) is None:
            raise OptisearchError(
                f"{TOOLS[name].package} isn't installed",
                where=f"--log {name}",
                remedy=f"pip install optisearch[{name}], or leave the option out",
            )


def looks(
    names: Sequence[str], environment: Mapping[str, str], address: Address
) -> tuple[str, ...]:
    """For people: where the runs of each tool go, and how to look at them."""
    return tuple(f"{name}: {TOOLS[name].place(environment, address).look}" for name in names)
