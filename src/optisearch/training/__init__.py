"""The only room with Keras. Importing it imports none of it: a trainer does, when it is made."""

from typing import TYPE_CHECKING

from optisearch.training.interface import FirstBatch, Needs, Trainer, missing_metric
from optisearch.training.own_loop import OwnLoop

if TYPE_CHECKING:
    from optisearch.data import TrainingData
    from optisearch.study import Study

__all__ = ["FirstBatch", "Needs", "Trainer", "make_trainer", "missing_metric"]


def make_trainer(
    study: "Study", data: "TrainingData | None", *, evaluates_at_end: bool = False
) -> Trainer:
    """The trainer for a study: Keras's for `build`, the study's own loop for `train`.

    Args:
        study: The study.
        data: Its data, or None.
        evaluates_at_end: Whether the validation part is looked at once, after the last epoch. A
            loop of the study's own can't be kept from looking at it earlier.
    """
    if study.build is None:
        return OwnLoop(study, data)
    from optisearch.training.keras_trainer import KerasTrainer

    return KerasTrainer(study, data, evaluates_at_end=evaluates_at_end)
