"""Trains what `build` returns: as graphs where it can, else with `keras.Model.fit`."""

import gc
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras

from optisearch.errors import TrainingError
from optisearch.study import Outcome, Run
from optisearch.tracebacks import own_frames
from optisearch.training import arrays, loop, models, pipeline
from optisearch.training.callbacks import ReportEpochs
from optisearch.training.fallback import is_known, why_fit
from optisearch.training.graphs import Untraceable, traced
from optisearch.training.interface import FirstBatch
from optisearch.training.options import FitOptions, names
from optisearch.training.rehearsal import rehearse
from optisearch.training.twins import Twins

if TYPE_CHECKING:
    from optisearch.data import TrainingData
    from optisearch.study import Study

# Steps that one call of `fit`'s training function takes: enough to make calls cheap, few enough to
# notice within the epoch that a loss is no number any more.
_STEPS_PER_CALL = 50

Callbacks = Sequence[keras.callbacks.Callback]


class KerasTrainer:
    """See `Trainer`. Both ways train the same numbers; the outcome says which it was."""

    def __init__(
        self, study: "Study", data: "TrainingData | None", *, evaluates_at_end: bool = False
    ) -> None:
        if study.build is None or data is None:
            raise ValueError("the study has no `build`, or no data")
        self._build = study.build
        self._study = study
        self._data = data
        self._evaluates_at_end = evaluates_at_end
        self._twins = Twins()
        self._said: set[str] = set()
        gc.collect()
        gc.freeze()  # what is imported by now stays: later collections needn't walk it

    def check(self) -> FirstBatch:
        """See `Trainer.check`. Builds and trains the baseline on one batch, in about a second."""
        hp = self._study.space()
        self._check_batching()
        try:
            model = models.fresh(self._build, hp, seed=0)
        except TrainingError:
            raise
        except Exception as error:
            raise TrainingError(
                "`build` raises at the baseline",
                where="build",
                remedy="Correct it",
                detail=own_frames(error),
            ) from None
        first = rehearse(model, self._data, FitOptions.of(hp), self._study.metric)
        self.release()
        return first

    def train(self, hp: Any, run: Run) -> Outcome:
        options = FitOptions.of(hp)
        if self._evaluates_at_end:
            options = options.at_end()
        callbacks = self._callbacks(hp, run)
        harmless = all(map(is_known, callbacks))
        model = (models.fresh_for_graphs if harmless else models.fresh)(self._build, hp, run.seed)
        parts = (self._data.train, self._data.validation)
        why = why_fit(model, parts, options, callbacks)
        if not why:
            try:
                return self._in_graphs(model, options, run.seed, callbacks)
            except Untraceable as error:
                why = str(error)
        self._say(f"trained by keras.Model.fit, which is slower: {why}")
        model = models.fresh(self._build, hp, run.seed)  # tracing may have left something in it
        return self._by_fit(model, options, run.seed, callbacks)

    def release(self) -> None:
        """Free the last trial's model. The graphs of its structure stay: see `Twins`."""
        gc.collect()

    def _in_graphs(
        self, model: keras.Model, options: FitOptions, seed: int, callbacks: Callbacks
    ) -> Outcome:
        train = arrays.weighted(arrays.tensors(self._data.train), options.class_weight)
        validation = arrays.tensors(self._data.validation)
        ours, again = traced(model, train, self._twins, callbacks)
        reports = [each for each in callbacks if isinstance(each, ReportEpochs)]

        def between(epoch: int, share: float, logs: Mapping[str, float]) -> None:
            for report in reports:
                report.within(epoch, share, logs)

        loop.fit(
            *(ours, train, validation, options), seed=seed, callbacks=callbacks, between=between
        )
        return Outcome(models.parameters(ours.model), "graphs used again" if again else "graphs")

    def _by_fit(
        self, model: keras.Model, options: FitOptions, seed: int, callbacks: Callbacks
    ) -> Outcome:
        if model.steps_per_execution == 1:
            model.steps_per_execution = _STEPS_PER_CALL
        train, validation = self._data.train, self._data.validation
        own = [pipeline.Shuffle(arrays.records(train), seed)] if arrays.is_arrays(train) else []
        size = options.batch if own else options.batch_size
        held_out = options.validation_batch_size if arrays.is_arrays(validation) else None
        with warnings.catch_warnings():
            # A data set cut into batches anew can't tell how many they are.
            warnings.filterwarnings("ignore", message="Your input ran out of data")
            model.fit(
                pipeline.feed(train, size, order=own[0] if own else None),
                validation_data=pipeline.feed(validation, held_out),
                epochs=options.epochs,
                initial_epoch=options.initial_epoch,
                validation_freq=options.validation_freq,
                class_weight=options.class_weight,
                callbacks=[*own, *callbacks],
                # A PyDataset's batches are shuffled; ours and those of data sets are already.
                shuffle=isinstance(train, keras.utils.PyDataset),
                verbose=0,
                **options.others,
            )
        return Outcome(models.parameters(model), "fit")

    def _callbacks(self, hp: Any, run: Run) -> Callbacks:
        own = self._study.callbacks(hp) if self._study.callbacks else ()
        return [*own, *run.callbacks]

    def _say(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            print(line, file=sys.stderr)

    def _check_batching(self) -> None:
        batches = isinstance(self._data.train, keras.utils.PyDataset)
        if batches and "batch_size" in names(self._study.space):
            raise TrainingError(
                "the space has a batch_size, but a PyDataset makes its own batches",
                where="data",
                remedy="Rename the field and drop it from the space, or give arrays or a "
                "tf.data.Dataset",
            )
