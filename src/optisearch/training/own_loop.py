"""The trainer for studies with a `train` function of their own. Imports no framework."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from optisearch.errors import TrainingError
from optisearch.study import Outcome, Run

if TYPE_CHECKING:
    import keras

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

    def model_values(self) -> None:
        """A model is built inside of the loop: nobody could give another one its values."""

    def model(self, _hp: Any, _seed: int, _values: bytes | None = None) -> "keras.Model":
        """The one that `run.fit` trained last."""
        last = self._fitter.last if self._fitter is not None else None
        if last is None:
            raise TrainingError(
                "the study's own loop trains no model that OptiSearch knows of",
                where="train",
                remedy="Have it train by `run.fit(model, …)`, or save the model in the loop itself",
            )
        return last.model

    def measure(self, model: "keras.Model", _hp: Any) -> Mapping[str, float]:
        """On what `run.fit` evaluated it on."""
        last = self.fitter.last
        if last is None or last.validation is None:
            return {}
        found = self.fitter.evaluate(model, last.validation, last.options.validation_batch_size)
        return {f"val_{name}": value for name, value in found.items()}

    def release(self) -> None:
        """The function's own names went with its frame."""
        if self._fitter is not None:
            self._fitter.last = None
