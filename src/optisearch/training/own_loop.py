"""The trainer for studies with a `train` function of their own. Imports no framework."""

from typing import TYPE_CHECKING, Any

from optisearch.study import Outcome, Run

if TYPE_CHECKING:
    from optisearch.data import TrainingData
    from optisearch.study import Study
    from optisearch.training.fitter import Fitter


class OwnLoop:
    """Calls `study.train`. See `Trainer`."""

    def __init__(self, study: "Study", data: "TrainingData | None") -> None:
        if study.train is None:
            raise ValueError("the study has no `train`")
        self._train = study.train
        self._data = data
        self._fitter: Fitter | None = None

    @property
    def fitter(self) -> "Fitter":
        """What `run.fit` fits with: models that are alike share their graphs."""
        if self._fitter is None:
            from optisearch.training.fitter import Fitter

            parts = (self._data.train, self._data.validation) if self._data is not None else ()
            self._fitter = Fitter(*parts)
        return self._fitter

    def check(self) -> None:
        """See `Trainer.check`: nothing can be known before the first report."""

    def train(self, hp: Any, run: Run) -> Outcome:
        outcome = self._train(hp, self._data, run)
        return outcome if isinstance(outcome, Outcome) else Outcome()

    def release(self) -> None:
        """The function's own names went with its frame."""
