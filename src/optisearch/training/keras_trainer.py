"""Trains what `build` returns."""

import gc
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras

from optisearch.errors import TrainingError
from optisearch.study import Outcome, Run
from optisearch.tracebacks import own_frames
from optisearch.training import models, pipeline, private, values
from optisearch.training.fallback import is_known
from optisearch.training.fitter import Fitter
from optisearch.training.graphs import symbols
from optisearch.training.interface import FirstBatch
from optisearch.training.options import FitOptions, names
from optisearch.training.rehearsal import Rehearsal

if TYPE_CHECKING:
    from optisearch.data import TrainingData
    from optisearch.study import Study


class KerasTrainer:
    """See `Trainer`. The outcome says how a model was trained."""

    def __init__(
        self, study: "Study", data: "TrainingData | None", *, evaluates_at_end: bool = False
    ) -> None:
        if study.build is None or data is None:
            raise ValueError("the study has no `build`, or no data")
        self._build = study.build
        self._study = study
        self._data = data
        self._evaluates_at_end = evaluates_at_end
        self.fitter = Fitter(data.train, data.validation)
        gc.collect()
        gc.freeze()  # what is imported by now stays: later collections needn't walk it

    def check(self) -> FirstBatch:
        """See `Trainer.check`. Builds and trains the baseline on one batch, in about a second."""
        self._check_batching()
        first = Rehearsal(
            build=self._baseline,
            data=self._data,
            options=FitOptions.of(self._study.space()),
            metrics=self._study.metrics,
            fitter=self.fitter,
        ).first_batch()
        self.release()
        return first

    def train(self, hp: Any, run: Run) -> Outcome:
        options = FitOptions.of(hp)
        if self._evaluates_at_end:
            options = options.at_end()
        own = self._study.callbacks(hp) if self._study.callbacks else ()
        callbacks = [*own, *run.callbacks]
        # A callback that isn't known may draw random numbers of TensorFlow's own.
        fresh = models.fresh_for_graphs if all(map(is_known, callbacks)) else models.fresh
        model, how = self.fitter.fit(
            fresh(self._build, hp, run.seed),
            self._data.train,
            self._data.validation,
            options,
            seed=run.seed,
            callbacks=callbacks,
            anew=lambda: models.fresh(self._build, hp, run.seed),
        )
        return Outcome(models.parameters(model), how)

    def model_values(self) -> bytes | None:
        return None if self.fitter.last is None else values.to_bytes(self.fitter.last.model)

    def model(self, hp: Any, seed: int, kept: bytes | None = None) -> keras.Model:
        # Not the one that was trained: a twin's layers aren't quite those that the study names.
        model = models.fresh(self._build, hp, seed)
        if not private.is_built(model):
            private.build(model, symbols(pipeline.first_batch(self._data.train, 1)))
        if kept is not None:
            values.give(model, kept)
        elif self.fitter.last is not None:
            values.hand_over(self.fitter.last.model, model)
        else:
            raise ValueError("no model was trained")
        return model

    def measure(self, model: keras.Model, hp: Any) -> Mapping[str, float]:
        size = FitOptions.of(hp).validation_batch_size
        found = self.fitter.evaluate(model, self._data.validation, size)
        return {f"val_{name}": value for name, value in found.items()}

    def release(self) -> None:
        """Free the last trial's model. The graphs of its structure stay: see `Twins`."""
        self.fitter.last = None
        gc.collect()

    def _baseline(self) -> keras.Model:
        try:
            return models.fresh(self._build, self._study.space(), seed=0)
        except TrainingError:
            raise
        except Exception as error:
            raise TrainingError(
                "`build` raises at the baseline",
                where="build",
                remedy="Correct it",
                detail=own_frames(error),
            ) from None

    def _check_batching(self) -> None:
        batches = isinstance(self._data.train, keras.utils.PyDataset)
        if batches and "batch_size" in names(self._study.space):
            raise TrainingError(
                "the space has a batch_size, but a PyDataset makes its own batches",
                where="data",
                remedy="Rename the field and drop it from the space, or give arrays or a "
                "tf.data.Dataset",
            )
