"""Trials of ours in this process, trained as a worker does."""

import time
from typing import TYPE_CHECKING, Any

import optuna

from optisearch.live_run import LiveRun

if TYPE_CHECKING:
    from optisearch import Outcome, Study
    from optisearch.training import Trainer


def train(trainer: "Trainer", study: "Study", point: Any, seed: int) -> "tuple[float, Outcome]":
    """Train one trial, reporting each epoch to Optuna, and clean up after it as a worker does.

    Returns:
        Its seconds, and what the trainer says of it.
    """
    run = LiveRun(
        trial=optuna.create_study(pruner=optuna.pruners.NopPruner()).ask(),
        metric=study.metric,
        epochs=point.epochs,
        seed=seed,
        stopping=lambda: False,
        listener=lambda _event: None,
        trainer=trainer,
    )
    began = time.perf_counter()
    outcome = trainer.train(point, run)
    trainer.release()
    return time.perf_counter() - began, outcome
