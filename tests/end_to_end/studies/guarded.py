"""Guarded: reports what it sees of its data, whose records say which part they are of."""

from dataclasses import dataclass

import numpy as np

from optisearch import Comparison, Study, real
from optisearch.data import Split

TRAIN, VALIDATION, TEST = 1.0, 2.0, 300.0


def parts():
    sizes = {TRAIN: 40, VALIDATION: 10, TEST: 7}
    train, validation, test = (
        (np.full((size, 2), part), np.zeros(size)) for part, size in sizes.items()
    )
    return Split(train=train, validation=validation, test=test, name="parts")


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=4.0)


def train(hp, data, run):
    seen = [array for part in (data.train, data.validation) for array in part]
    run.report(
        0,
        {
            "loss": abs(hp.x) + run.seed / 2**40,
            "records": len(data.train[0]),
            "trained_on": float(np.mean(data.train[0])),
            "evaluated_on": float(np.mean(data.validation[0])),
            "largest": float(max(array.max() for array in seen)),
        },
    )


study = Study(
    name="guarded",
    space=Point,
    train=train,
    data=parts,
    minimize="loss",
    comparisons=[Comparison("x", levels=[4.0, 1.0])],
)
