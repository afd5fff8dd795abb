"""Tiny models on tiny data, trained in the same process."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@dataclass
class Fitted:
    """What is known after a training: how it ended, its epochs, and its outcome."""

    run: Any
    outcome: Any = None

    @property
    def reason(self) -> str:
        return str(self.run.reason)

    @property
    def history(self) -> list[dict[str, float]]:
        """The epochs' metrics, without what differs from one run to the next."""
        return [{k: v for k, v in row.items() if k != "seconds"} for row in self.run.history]


@pytest.fixture
def fit() -> Callable[..., Fitted]:
    """Trains a point of a study's space, as a trial of its own."""
    import optuna

    from optisearch.attempt import LiveRun
    from optisearch.events import silence
    from optisearch.training import make_trainer

    def fitted(study: Any, data: Any, *, seed: int = 1, **point: Any) -> Fitted:
        hp = study.space(**point)
        trial = optuna.create_study(direction=study.direction).ask()
        trainer = make_trainer(study, data.for_training())
        epochs = getattr(hp, "epochs", None)
        run = LiveRun(trial, study.metric, epochs, seed, bool, silence, trainer)
        try:
            return Fitted(run, trainer.train(hp, run))
        except optuna.TrialPruned:
            return Fitted(run)
        finally:
            trainer.release()

    return fitted
