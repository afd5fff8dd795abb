"""Trains what `build` returns with `keras.Model.fit`, over data prepared once per worker."""

import dataclasses
import gc
import inspect
import math
import time
import warnings
from typing import TYPE_CHECKING, Any

import keras

from optisearch.errors import TrainingError
from optisearch.study import Outcome, Run
from optisearch.tracebacks import headline, own_frames
from optisearch.training.interface import FirstBatch, missing_metric
from optisearch.training.pipeline import batches, describe, first_batch, is_arrays, rebatched

if TYPE_CHECKING:
    from optisearch.data import TrainingData
    from optisearch.study import Study

# Steps that one call of the training function takes: enough to make calls cheap, few enough to
# notice within the epoch that a loss is no number any more.
_STEPS_PER_CALL = 50
# Evaluation keeps no activations: larger batches are only faster.
_EVALUATION_BATCH = 1024
_KERAS_BATCH = 32
_OURS = frozenset({"self", "x", "y", "callbacks", "validation_data", "verbose", "sample_weight"})


class KerasFit:
    """See `Trainer`."""

    def __init__(
        self, study: "Study", data: "TrainingData | None", *, evaluates_at_end: bool = False
    ) -> None:
        if study.build is None or data is None:
            raise ValueError("the study has no `build`, or no data")
        self._build = study.build
        self._space = study.space
        self._metric = study.metric
        self._data = data
        self._evaluates_at_end = evaluates_at_end
        accepted = set(inspect.signature(keras.Model.fit).parameters) - _OURS
        names = (field.name for field in dataclasses.fields(study.space))
        self._fit_fields = [name for name in names if name in accepted]
        gc.collect()
        gc.freeze()  # what is imported by now stays: later collections needn't walk it

    def check(self) -> FirstBatch:
        """See `Trainer.check`. Builds and trains the baseline on one batch, in about a second."""
        began = time.perf_counter()
        hp = self._space()
        model = self._built(hp)
        size = getattr(hp, "batch_size", _KERAS_BATCH)
        self._check_batching()
        try:
            train = first_batch(self._data.train, size)
            held_out = first_batch(self._data.validation, size)
            logs = model.train_on_batch(*train, return_dict=True)
            traced = time.perf_counter()
            model.train_on_batch(*train)
            per_step = time.perf_counter() - traced
            evaluation = model.test_on_batch(*held_out, return_dict=True)
        except Exception as error:
            raise TrainingError(
                f"the model doesn't fit the data ({headline(error, 200)})",
                where="build",
                remedy=f"The data's records are {describe(self._data.train)}; the model takes "
                f"{_shape(model, 'input_shape')} and gives {_shape(model, 'output_shape')}",
            ) from None
        names = (*logs, *(f"val_{name}" for name in evaluation))
        if self._metric not in names:
            raise missing_metric(self._metric, names)
        parameters = _parameters(model)
        self.release()
        records = self._data.sizes["train"]
        steps = math.ceil(records / size) if is_arrays(self._data.train) and records else records
        return FirstBatch(names, parameters, traced - began, per_step, steps)

    def train(self, hp: Any, run: Run) -> Outcome:
        keras.utils.set_random_seed(run.seed)
        model = self._build(hp)
        _require_compiled(model)
        if model.steps_per_execution == 1:
            model.steps_per_execution = _STEPS_PER_CALL
        arguments = {name: getattr(hp, name) for name in self._fit_fields}
        size = arguments.pop("batch_size", None)
        if not isinstance(self._data.train, keras.utils.PyDataset):
            arguments["shuffle"] = False  # the pipeline has shuffled already; data sets do it too
        if self._evaluates_at_end:
            arguments["validation_freq"] = [arguments.get("epochs", 1)]
        with warnings.catch_warnings():
            # A data set cut into batches anew can't tell how many they are.
            warnings.filterwarnings("ignore", message="Your input ran out of data")
            model.fit(
                self._training_batches(size, run.seed),
                validation_data=self._validation_batches(),
                callbacks=run.callbacks,
                verbose=0,
                **arguments,
            )
        return Outcome(parameters=_parameters(model))

    def release(self) -> None:
        """Drop the graphs of the last model: Keras keeps them otherwise."""
        keras.utils.clear_session(free_memory=False)
        gc.collect()

    def _training_batches(self, size: int | None, seed: int) -> Any:
        part = self._data.train
        if is_arrays(part):
            return batches(part, size or _KERAS_BATCH, shuffle_seed=seed)
        return part if size is None else rebatched(part, size)

    def _validation_batches(self) -> Any:
        part = self._data.validation
        return batches(part, _EVALUATION_BATCH) if is_arrays(part) else part

    def _check_batching(self) -> None:
        if "batch_size" in self._fit_fields and isinstance(self._data.train, keras.utils.PyDataset):
            raise TrainingError(
                "the space has a batch_size, but a PyDataset makes its own batches",
                where="data",
                remedy="Rename the field and drop it from the space, or give arrays or a "
                "tf.data.Dataset",
            )

    def _built(self, hp: Any) -> keras.Model:
        try:
            model = self._build(hp)
        except Exception as error:
            raise TrainingError(
                "`build` raises at the baseline",
                where="build",
                remedy="Correct it",
                detail=own_frames(error),
            ) from None
        _require_compiled(model)
        return model


def _parameters(model: keras.Model) -> int:
    return sum(math.prod(variable.shape) for variable in model.trainable_variables)


def _require_compiled(model: object) -> None:
    if not isinstance(model, keras.Model):
        raise TrainingError(
            f"`build` returns a {type(model).__name__}, no Keras model",
            where="build",
            remedy="Return the compiled model",
        )
    if not model.compiled:
        raise TrainingError(
            "the model that `build` returns isn't compiled",
            where="build",
            remedy="Call `model.compile(optimizer=…, loss=…, metrics=[…])` before returning it",
        )


def _shape(model: keras.Model, name: str) -> str:
    try:
        return str(getattr(model, name))
    except (AttributeError, ValueError):
        return "an unknown shape"
