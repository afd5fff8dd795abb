"""The trainer for studies with a `train` function of their own. Imports no framework."""

from typing import TYPE_CHECKING, Any

from optisearch.study import Outcome, Run

if TYPE_CHECKING:
    from optisearch.data import TrainingData
    from optisearch.study import Study


class OwnLoop:
    """Calls `study.train`. See `Trainer`."""

    def __init__(self, study: "Study", data: "TrainingData | None") -> None:
        if study.train is None:
            raise ValueError("the study has no `train`")
        self._train = study.train
        self._data = data

    def check(self) -> None:
        """See `Trainer.check`: nothing can be known before the first report."""

    def train(self, hp: Any, run: Run) -> Outcome:
        outcome = self._train(hp, self._data, run)
        return outcome if isinstance(outcome, Outcome) else Outcome()

    def release(self) -> None:
        """The function's own names went with its frame."""
