"""Flaky: every other trial raises."""

from dataclasses import dataclass

from optisearch import Study, real


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)


def train(hp, data, run):
    if run.number % 2:
        raise MemoryError("no room for this batch")
    run.report(0, {"loss": hp.x**2})


study = Study(name="flaky", space=Point, train=train, minimize="loss")
