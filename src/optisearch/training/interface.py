"""What the engine needs of a training framework."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from optisearch.errors import TrainingError
from optisearch.study import Outcome, Run

if TYPE_CHECKING:
    from optisearch.training.fitter import Fitter


@dataclass(frozen=True)
class FirstBatch:
    """What training the baseline on one batch showed.

    Attributes:
        metrics: The names of the metrics that each epoch will report.
        parameters: The number of trainable parameters.
        seconds_to_start: The time to build the model and to trace its first step.
        seconds_per_step: The duration of a training step, once traced.
        steps_per_epoch: The steps in an epoch; None where the data doesn't tell.
    """

    metrics: tuple[str, ...]
    parameters: int
    seconds_to_start: float
    seconds_per_step: float
    steps_per_epoch: int | None


def missing_metric(metric: str, present: Iterable[str]) -> TrainingError:
    """The error of a monitored metric that is never reported."""
    names = ", ".join(sorted(present)) or "none"
    return TrainingError(
        f"there is no metric {metric!r}; those reported are {names}",
        where="maximize/minimize",
        remedy="Name one of them in the study, or add it in `compile(metrics=…)`",
    )


class Trainer(Protocol):
    """Trains one point of the space at a time."""

    @property
    def fitter(self) -> "Fitter":
        """What trains Keras models for it."""

    def check(self) -> FirstBatch | None:
        """Try the baseline on one batch, before a stage is created.

        Returns:
            What it showed; None where nothing can be known before training.

        Raises:
            TrainingError: It can't be built, isn't compiled, doesn't fit the data, or has no
                metric of the monitored name.
        """

    def train(self, hp: Any, run: Run) -> Outcome:
        """Train a point and report its epochs.

        Raises:
            optuna.TrialPruned: The run ended the trial.
            Exception: Whatever goes wrong in the study's own code.
        """

    def release(self) -> None:
        """Free what the last trial held."""
