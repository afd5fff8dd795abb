"""The arguments of `keras.Model.fit` that a space's fields of the same names stand for."""

import dataclasses
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import keras

_OURS = frozenset({"self", "x", "y", "callbacks", "validation_data", "verbose", "sample_weight"})
# Evaluation keeps no activations: larger batches are only faster.
_EVALUATION_BATCH = 1024
_KERAS_BATCH = 32


@dataclass(frozen=True)
class FitOptions:
    """How a model is fitted.

    Attributes:
        epochs: The epoch up to which it is trained.
        batch_size: Records in a step; None where the space has none.
        initial_epoch: The first epoch.
        validation_freq: After how many epochs it is evaluated, or after which, counted from 1.
        validation_batch_size: Records in a step of the evaluation.
        shuffle: Whether each epoch has an order of its own.
        class_weight: Class → the weight of its records in the loss.
        others: The remaining ones, which `fit` alone understands.
    """

    epochs: int = 1
    batch_size: int | None = None
    initial_epoch: int = 0
    validation_freq: int | Sequence[int] = 1
    validation_batch_size: int = _EVALUATION_BATCH
    shuffle: bool = True
    class_weight: Mapping[int, float] | None = None
    others: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, hp: Any) -> Self:
        """Those that a point's fields say."""
        return cls.given({name: getattr(hp, name) for name in names(type(hp))})

    @classmethod
    def given(cls, arguments: Mapping[str, Any]) -> Self:
        """Those of a call."""
        ours = {field.name for field in dataclasses.fields(cls)} - {"others"}
        return cls(
            **{name: value for name, value in arguments.items() if name in ours},
            others={name: value for name, value in arguments.items() if name not in ours},
        )

    @property
    def batch(self) -> int:
        """Records in a step, as Keras has it where nothing is said."""
        return self.batch_size or _KERAS_BATCH

    def evaluates(self, epoch: int) -> bool:
        """Whether the model is evaluated after an epoch, counted from 0."""
        if isinstance(self.validation_freq, int):
            return (epoch + 1) % self.validation_freq == 0
        return epoch + 1 in self.validation_freq

    def at_end(self) -> Self:
        """The same, evaluated after the last epoch alone."""
        return dataclasses.replace(self, validation_freq=[self.epochs])


def names(space: type) -> list[str]:
    """The fields of a space that are arguments of `fit`."""
    accepted = set(inspect.signature(keras.Model.fit).parameters) - _OURS
    return [field.name for field in dataclasses.fields(space) if field.name in accepted]
