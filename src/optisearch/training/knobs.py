"""Hyperparameters that a traced model can hold as variables: changing them changes no graph.

The results, bit by bit, are those of a fresh model. Others aren't here because they failed that
test, or because Keras decides by them in Python.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self

import keras
import tensorflow as tf

# Sets a held knob to another value.
Turn = Callable[[Any], None]


class Knob(Protocol):
    """One hyperparameter of a class of Keras's."""

    @property
    def name(self) -> str:
        """The attribute."""

    def turns(self, owner: Any) -> bool:
        """Whether an object's can be held as a variable."""

    def hold(self, owner: Any) -> Turn:
        """Have an object that isn't traced yet hold it as a variable."""


class Factor:
    """A number that is multiplied by."""

    def __init__(self, name: str) -> None:
        self.name = name

    def turns(self, owner: Any) -> bool:
        return getattr(owner, self.name) is not None

    def hold(self, owner: Any) -> Turn:
        factor = _variable()

        def turn(value: Any) -> None:
            factor.assign(value)
            setattr(owner, self.name, Held(value, factor))

        turn(getattr(owner, self.name))
        return turn


class Rate:
    """The rate of `keras.layers.Dropout`."""

    name = "rate"

    def turns(self, owner: Any) -> bool:
        # At 0 there is no dropout, at 1 nothing else, and other types would round twice.
        return 0 < float(owner.rate) < 1 and str(owner.compute_dtype) == "float32"

    def hold(self, owner: Any) -> Turn:
        rate, scale = _variable(), _variable()

        def turn(value: float) -> None:
            rate.assign(value)
            scale.assign(1 / (1 - float(value)))  # as TensorFlow has it, in double precision
            owner.rate = HeldRate(value, rate, scale)

        turn(owner.rate)
        return turn


class Held(float):
    """A number whose place in a graph is taken by a variable."""

    _variable: tf.Variable

    def __new__(cls, value: Any, variable: tf.Variable) -> Self:
        held = super().__new__(cls, value)
        held._variable = variable
        return held

    def __tf_tensor__(self, dtype: Any = None, name: Any = None) -> tf.Tensor:
        return tf.convert_to_tensor(self._variable, dtype=dtype, name=name)

    def __reduce__(self) -> tuple[type, tuple[float]]:
        return float, (float(self),)  # a copy, in a saved model say, is a number


class HeldRate(Held):
    """A rate of dropout. TensorFlow calculates `1 / (1 - rate)` in Python."""

    _scale: tf.Variable

    def __new__(cls, value: float, rate: tf.Variable, scale: tf.Variable) -> Self:
        held = super().__new__(cls, value, rate)
        held._scale = scale
        return held

    def __rsub__(self, one: float) -> "_Kept":  # type: ignore[misc,override]  # no number any more
        assert one == 1
        return _Kept(self._scale)


class _Kept:
    """What isn't dropped, `1 - rate`."""

    def __init__(self, scale: tf.Variable) -> None:
        self._scale = scale

    def __rtruediv__(self, one: float) -> tf.Tensor:
        assert one == 1
        return self._scale.read_value()


def _variable() -> tf.Variable:
    return tf.Variable(0.0, trainable=False, dtype=tf.float32)


KNOBS: Mapping[type, Knob] = {
    keras.regularizers.L1: Factor("l1"),
    keras.regularizers.L2: Factor("l2"),
    keras.optimizers.AdamW: Factor("weight_decay"),
    keras.layers.Dropout: Rate(),
}
