"""What the engine needs of a training framework."""

from typing import Any, Protocol

from optisearch.study import Outcome, Run


class Trainer(Protocol):
    """Trains one point of the space at a time."""

    def check(self) -> None:
        """Try the baseline on one batch, before a stage is created.

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
