"""Where a split comes from: a `Split`, a named data set, or any function that returns one."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol

from optisearch.data.split import Split
from optisearch.errors import DataError

_REMEDY = "Make one: Split.cut(x, y, name=…) or Split(train=(x, y), validation=(x, y), name=…)"


class Source(Protocol):
    """A named data set: `mnist`, `digits`, `functools.partial(mnist, train_samples=10_000)`.

    A function of one's own needs no argument: `load` takes the samples itself.
    """

    def __call__(self, train_samples: int | None = None) -> Split:
        """Read it.

        Args:
            train_samples: How many records to train on; by default all.

        Raises:
            DataError: It is missing or damaged, or has fewer records.
        """


def load(data: Split | Source | Callable[[], Split], train_samples: int | None = None) -> Split:
    """The split that a study's `data` stands for.

    Args:
        data: A split, or a function that returns one.
        train_samples: How many records to train on; by default all. See `Split.take`.

    Raises:
        DataError: `data` or what it returned is no split, or has fewer records.
        Exception: Whatever the function raises, as it is.
    """
    split = _called(data) if callable(data) else data
    if not isinstance(split, Split):
        kind = type(split).__name__
        what = (
            f"{_name(data)} returned a {kind}, not a Split"
            if callable(data)
            else f"a {kind} is no Split"
        )
        raise DataError(what, where="the study's data", remedy=_REMEDY)
    return split if train_samples is None else split.take(train_samples)


def _called(data: Callable[[], Any]) -> Any:
    try:
        inspect.signature(data).bind()
    except ValueError:  # a builtin without a signature: the call will tell
        pass
    except TypeError as error:
        raise DataError(
            f"{_name(data)} can't be called without arguments: {error}",
            where="the study's data",
            remedy="Give its arguments defaults, or wrap it: functools.partial(…)",
        ) from None
    return data()


def _name(data: Any) -> str:
    return f"{getattr(data, '__name__', type(data).__name__)}()"
