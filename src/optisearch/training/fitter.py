"""Trains compiled models: as graphs where it can, else with `keras.Model.fit`.

Both train the same numbers, in the same order of the records.
"""

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from optisearch.training import arrays, loop, pipeline
from optisearch.training.callbacks import ReportEpochs
from optisearch.training.fallback import acts_per_batch, why_anew, why_fit
from optisearch.training.graphs import Untraceable, traced
from optisearch.training.graphs import why_anew as why_anew_traced
from optisearch.training.options import FitOptions
from optisearch.training.resuming import Resuming
from optisearch.training.twins import Twins

# Steps that one call of `fit`'s training function takes: enough to make calls cheap, few enough to
# notice within the epoch that a loss is no number any more.
_STEPS_PER_CALL = 50

Callbacks = Sequence[keras.callbacks.Callback]
Trained = tuple[keras.Model, str]


@dataclass(frozen=True)
class _Training:
    """What a model is trained on, and how: the arguments of `Fitter.fit`."""

    train: Any
    validation: Any
    options: FitOptions
    seed: int
    callbacks: Callbacks


@dataclass(frozen=True)
class LastFit:
    """The training that ended last.

    Attributes:
        model: The trained model, which may be a twin.
        validation: What it was evaluated on, or None.
        options: How it was fitted.
    """

    model: keras.Model
    validation: Any
    options: FitOptions


class Fitter:
    """Fits model after model, and keeps the graphs and the data that they share.

    Args:
        parts: The parts of the study's data, kept on the device.

    Attributes:
        last: The training that ended last, until somebody sets it to None.
    """

    def __init__(self, *parts: Any) -> None:
        self._tensors = arrays.Tensors(*parts)
        self._twins = Twins()
        self._said: set[str] = set()
        self.last: LastFit | None = None

    def fit(
        self,
        model: keras.Model,
        train: Any,
        validation: Any,
        options: FitOptions,
        *,
        seed: int,
        callbacks: Callbacks = (),
        anew: Callable[[], keras.Model],
    ) -> Trained:
        """Train a fresh model.

        Args:
            model: The model, compiled and untrained. It may become the twin of those to come.
            train: A part of a `Split`.
            validation: The same to evaluate it on, or None.
            options: How it is fitted.
            seed: What the order of the records in each epoch follows from.
            callbacks: Keras's, the study's and ours.
            anew: Builds the model again, should a vain attempt have left something in it.

        Returns:
            The trained model, which needn't be the one that was given, and how it was trained:
            `graphs`, `graphs used again` or `fit`.
        """
        training = _Training(train, validation, options, seed, callbacks)
        return self._fit(model, training, self._twins, anew)

    def fit_in_place(
        self,
        model: keras.Model,
        train: Any,
        validation: Any,
        options: FitOptions,
        *,
        seed: int,
        callbacks: Callbacks = (),
    ) -> keras.callbacks.History:
        """Train a model that somebody else has in hand: it is traced by itself, and stays theirs.

        Args:
            model: The model, compiled and untrained.
            train: See `fit`.
            validation: See `fit`.
            options: See `fit`.
            seed: See `fit`.
            callbacks: See `fit`.

        Returns:
            The history, as `keras.Model.fit` does.
        """
        training = _Training(train, validation, options, seed, callbacks)
        self._fit(model, training, None, lambda: model)
        return model.history

    def evaluate(self, model: keras.Model, part: Any, batch_size: int) -> dict[str, float]:
        """What `model.evaluate` finds, with the batches in which trials are evaluated.

        Args:
            model: The model, compiled.
            part: A part of a `Split`.
            batch_size: Records in a step, of arrays.
        """
        size = batch_size if arrays.is_arrays(part) else None
        found = model.evaluate(
            pipeline.feed(part, size, self._tensors), verbose=0, return_dict=True
        )
        return {name: float(value) for name, value in found.items()}

    def _fit(
        self,
        model: keras.Model,
        training: _Training,
        twins: Twins | None,
        anew: Callable[[], keras.Model],
    ) -> Trained:
        self.last = None
        trained = self._trained(model, training, twins, anew)
        self.last = LastFit(trained[0], training.validation, training.options)
        return trained

    def _trained(
        self,
        model: keras.Model,
        training: _Training,
        twins: Twins | None,
        anew: Callable[[], keras.Model],
    ) -> Trained:
        parts = [part for part in (training.train, training.validation) if part is not None]
        why = why_fit(model, parts, training.options, training.callbacks, self._tensors)
        if not why:
            try:
                return self._in_graphs(model, training, twins)
            except Untraceable as error:
                why = str(error)
                model = anew()
                self._by_fit(model, training, why)
                # Said now: a mistake of the study's is `fit`'s to tell.
                self._say(why)
                return model, "fit"
        self._say(why)
        self._by_fit(model, training, why_anew(model, parts, training.options))
        return model, "fit"

    def _in_graphs(self, model: keras.Model, training: _Training, twins: Twins | None) -> Trained:
        options, callbacks = training.options, training.callbacks
        data = arrays.weighted(self._tensors.of(training.train), options.class_weight)
        held_out = None if training.validation is None else self._tensors.of(training.validation)
        ours, again = traced(model, data, held_out, twins, callbacks)
        reports = _resuming(callbacks, lambda: ours.why_anew)

        def between(epoch: int, share: float, logs: Mapping[str, float]) -> None:
            for report in reports:
                report.within(epoch, share, logs)

        loop.fit(
            *(ours, data, held_out, options),
            seed=training.seed,
            callbacks=callbacks,
            between=between,
        )
        return ours.model, "graphs used again" if again else "graphs"

    def _by_fit(self, model: keras.Model, training: _Training, why_anew: str) -> None:
        train, validation, options = training.train, training.validation, training.options
        if model.steps_per_execution == 1 and not any(map(acts_per_batch, training.callbacks)):
            model.steps_per_execution = _STEPS_PER_CALL
        own = []
        if arrays.is_arrays(train) and options.shuffle:
            own = [pipeline.Shuffle(arrays.records(train), training.seed)]
        callbacks = [*own, *training.callbacks]
        _resuming(callbacks, (lambda: why_anew) if why_anew else why_anew_traced(model, train))
        size = options.batch if arrays.is_arrays(train) else options.batch_size
        held_out = options.validation_batch_size if arrays.is_arrays(validation) else None
        with warnings.catch_warnings():
            # A data set cut into batches anew can't tell how many they are.
            warnings.filterwarnings("ignore", message="Your input ran out of data")
            model.fit(
                pipeline.feed(train, size, self._tensors, order=own[0] if own else None),
                validation_data=pipeline.feed(validation, held_out, self._tensors),
                epochs=options.epochs,
                initial_epoch=options.initial_epoch,
                validation_freq=options.validation_freq,
                class_weight=options.class_weight,
                callbacks=callbacks,
                # A PyDataset's batches are shuffled; ours and those of data sets are already.
                shuffle=options.shuffle and isinstance(train, keras.utils.PyDataset),
                verbose=0,
                **options.others,
            )

    def _say(self, why: str) -> None:
        if why not in self._said:
            self._said.add(why)
            print(f"trained by keras.Model.fit, which is slower: {why}", file=sys.stderr)


def _resuming(callbacks: Callbacks, why_anew: Callable[[], str]) -> list[ReportEpochs]:
    """Those callbacks that report, and from now on leave checkpoints."""
    reports = [each for each in callbacks if isinstance(each, ReportEpochs)]
    for report in reports:
        report.resuming = Resuming(report.run, callbacks, why_anew)
    return reports
