"""What the engine needs of a training framework."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from optisearch.errors import TrainingError
from optisearch.study import Outcome, Run

if TYPE_CHECKING:
    import keras

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


@dataclass(frozen=True)
class Needs:
    """What a file takes beside Keras.

    Attributes:
        to_read: The study's own functions and classes that reading it takes.
        to_evaluate: Those that aren't in it, and without which it can't be evaluated as it was: a
            loss, or metrics.
    """

    to_read: tuple[str, ...] = ()
    to_evaluate: tuple[str, ...] = ()


def missing_metric(wanted: Iterable[str], present: Collection[str]) -> TrainingError | None:
    """The error of a metric that is an objective and never reported; None where all are."""
    metric = next((name for name in wanted if name not in present), None)
    if metric is None:
        return None
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
                metric of an objective's name.
        """

    def train(self, hp: Any, run: Run) -> Outcome:
        """Train a point and report its epochs.

        Raises:
            optuna.TrialPruned: The run ended the trial.
            Exception: Whatever goes wrong in the study's own code.
        """

    def model_values(self) -> bytes | None:
        """Those of the model that was trained last, to be kept; None where no model is known, or
        none could be given them again."""

    def model(self, hp: Any, seed: int, values: bytes | None = None) -> "keras.Model":
        """A model to be saved: as the study builds it, and nobody else's.

        Args:
            hp: Its point.
            seed: Its trial's seed.
            values: What was kept of it; None for the model that was trained last.

        Raises:
            TrainingError: There is none, or it is another one than the study builds.
        """

    def measure(self, model: "keras.Model", hp: Any) -> Mapping[str, float]:
        """A point's model on the validation part: its metrics by the names that an epoch reports.
        Empty where nothing says what it is to be evaluated on."""

    def release(self) -> None:
        """Free what the last trial held."""
