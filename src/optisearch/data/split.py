"""Data in three parts: to train on, to choose by, and to be judged by once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral
from typing import Any, Self

from optisearch.data import parts
from optisearch.data.fingerprint import fingerprint
from optisearch.data.ordering import class_labels, stratified_order
from optisearch.data.parts import Part
from optisearch.errors import DataError, Problem

_VARIANT = re.compile(r"[A-Za-z0-9._-]*")


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainingData:
    """What training may see: a split without its test part. Compared by identity.

    Attributes:
        train: The part that is trained on.
        validation: The part that the monitored metric is measured on.
        name: The data set's name.
        variant: What distinguishes it from the data usually meant by that name: `digits`, `10000`.
        note: One line for the user's eyes, or nothing.

    A part is a tuple `(x,)`, `(x, y)` or `(x, y, sample_weight)`, or a `tf.data.Dataset` or
    `keras.utils.PyDataset` of batches. x and y are arrays, or dicts, lists and tuples of arrays,
    whose first dimension counts the records: x (n, …) in the units that the model expects, y (n,)
    for integer labels, (n, …) otherwise, sample_weight (n,). Any dtype of fixed size is welcome.
    Arrays become read-only NumPy arrays, not copied.
    """

    train: Part
    validation: Part
    name: str
    variant: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        for field, part in self._parts().items():
            object.__setattr__(self, field, parts.sealed(part))
        _refuse(self.name, self._problems())

    @property
    def test(self) -> Any:
        """Closed: always an error, so that no training can look at it by mistake."""
        raise DataError(
            "the test part isn't handed to training",
            where=f"data {self.name!r}",
            remedy="Measure on data.validation; the test part stays closed meanwhile",
        )

    @property
    def sizes(self) -> dict[str, int | None]:
        """The records of each part that there is.

        For a part that yields batches: their number, or None where it is unknown.
        """
        return {field: parts.size(part) for field, part in self._parts().items()}

    def stored_as(self, study: str) -> str:
        """The name that a study is stored under with this data: `mnist`, `mnist-digits`."""
        return f"{study}-{self.variant}" if self.variant else study

    def take(self, train_samples: int, *, seed: int = 0) -> Self:
        """The same data with fewer records to train on; validation and test are left alone.

        The subset is stratified where y is class labels, and a larger one contains the smaller.
        The number becomes part of the variant: `10000`, `digits-1000`.

        Raises:
            DataError: `train_samples` isn't between 1 and the number of records, or the training
                part yields batches.
        """
        where = f"data {self.name!r}, train_samples={train_samples!r}"
        if parts.is_batches(self.train):
            raise DataError(
                "the training part yields batches, which can't be counted in records",
                where=where,
                remedy="Shorten it where it is made: dataset.take(batches)",
            )
        records = _records(self.train)
        if not _is_count(train_samples) or not 1 <= train_samples <= records:
            raise DataError(
                f"there are {records:,} records to train on",
                where=where,
                remedy=f"Give a whole number from 1 to {records:,}",
            )
        chosen = stratified_order(records, _labels(self.train), seed)[:train_samples]
        variant = f"{self.variant}-{train_samples}" if self.variant else str(train_samples)
        return replace(self, train=parts.select(self.train, chosen), variant=variant)

    def _parts(self) -> dict[str, Part]:
        return {"train": self.train, "validation": self.validation}

    def _problems(self) -> Iterator[Problem]:
        for field, part in self._parts().items():
            yield from parts.problems(field, part)
        if not _VARIANT.fullmatch(self.variant):
            yield Problem(
                "variant", f"{self.variant!r} can't be part of a name", "use letters, digits, . _ -"
            )
        if "\n" in self.note:
            yield Problem("note", "it has several lines", "make it one")


@dataclass(frozen=True, eq=False, kw_only=True)
class Split(TrainingData):
    """Data in three parts. See `TrainingData` for what a part may be.

        Split(train=(x, y), validation=(x_val, y_val), test=(x_test, y_test), name="mine")
        Split.cut(x, y, name="mine")

    Attributes:
        test: The part that stays closed while anything is chosen, or None.

    Raises:
        DataError: With everything that is wrong: a part that is neither arrays nor batches, arrays
            of different lengths, empty ones, ones of Python objects.
    """

    test: Part | None = None

    @classmethod
    def cut(
        cls,
        x: Any,
        y: Any,
        *,
        name: str,
        sample_weight: Any = None,
        validation: float = 0.15,
        test: float | tuple[Any, ...] | None = 0.15,
        seed: int = 0,
        variant: str = "",
        note: str = "",
    ) -> "Split":
        """Cut arrays by seed, stratified where `y` is integer class labels or one-hot.

        Args:
            x: An array, shape (n, …), or dicts, lists and tuples of arrays.
            y: The same.
            name: The data set's name.
            sample_weight: Weights, shape (n,).
            validation: The validation part's share of the n records (0.15) or their number (150).
            test: The same for the test part; or a test part that exists already, `(x, y)`; or None.
            seed: Any non-negative integer.
            variant: See `TrainingData`.
            note: See `TrainingData`.

        Raises:
            DataError: The shares leave one of the parts without a record, or see `Split`.
        """
        whole = parts.sealed((x, y) if sample_weight is None else (x, y, sample_weight))
        _refuse(name, parts.problems("cut", whole))
        records = _records(whole)
        given = test if isinstance(test, tuple) else None
        to_test = 0 if test is None or given else _count("test", test, records, name)
        to_validation = _count("validation", validation, records, name)
        held_out = to_validation + to_test
        if held_out >= records:
            raise DataError(
                f"validation ({to_validation:,}) and test ({to_test:,}) leave none of the "
                f"{records:,} records to train on",
                where=f"data {name!r}",
                remedy="Make them smaller",
            )
        order = stratified_order(records, _labels(whole), seed)
        return cls(
            validation=parts.select(whole, order[:to_validation]),
            test=parts.select(whole, order[to_validation:held_out]) if to_test else given,
            train=parts.select(whole, order[held_out:]),
            name=name,
            variant=variant,
            note=note,
        )

    @cached_property
    def fingerprint(self) -> str:
        """`sha256:<hex>`, or `spec:<hex>` with batches; see `optisearch.data.fingerprint`."""
        return fingerprint({**self._parts(), "test": self.test})

    def for_training(self) -> TrainingData:
        """The same data, not copied, whose `test` is closed."""
        return TrainingData(
            train=self.train,
            validation=self.validation,
            name=self.name,
            variant=self.variant,
            note=self.note,
        )

    def for_confirmation(self) -> TrainingData:
        """All that was used to choose as the training part, and the test part as the validation
        part: for one last look.

        Raises:
            DataError: There is no test part, or training and validation can't be joined.
        """
        if self.test is None:
            raise DataError(
                "there is no test part to confirm on",
                where=f"data {self.name!r}",
                remedy="Split.cut(…, test=0.15) cuts one off",
            )
        return TrainingData(
            train=parts.joined(self.train, self.validation, where=f"data {self.name!r}"),
            validation=self.test,
            name=self.name,
            variant=self.variant,
            note=self.note,
        )

    def _parts(self) -> dict[str, Part]:
        opened: Mapping[str, Part] = {} if self.test is None else {"test": self.test}
        return {**super()._parts(), **opened}


def _refuse(name: str, problems: Iterable[Problem]) -> None:
    found = list(problems)
    where = f"data {name!r}"
    if len(found) == 1:
        problem = found[0]
        remedy = problem.remedy[0].upper() + problem.remedy[1:]
        raise DataError(problem.what, where=f"{where}, {problem.field}", remedy=remedy)
    if found:
        detail = "\n".join(f"  {problem}" for problem in found)
        raise DataError(f"it has {len(found)} problems:", where=where, detail=detail)


def _count(field: str, share: Any, records: int, name: str) -> int:
    if isinstance(share, float) and 0 < share < 1:
        count = round(share * records)
    else:
        count = share if _is_count(share) else 0
    if count < 1:
        raise DataError(
            f"{field}={share!r} is no part of {records:,} records",
            where=f"data {name!r}",
            remedy="Give a share between 0.0 and 1.0, or a number of records",
        )
    return int(count)


def _is_count(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _records(arrays: Part) -> int:
    return len(next(parts.leaves(arrays))[1])


def _labels(arrays: Part) -> Any:
    return class_labels(arrays[1]) if len(arrays) > 1 else None
