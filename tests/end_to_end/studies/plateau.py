"""Plateau: no trial is better than the first."""

from dataclasses import dataclass

from optisearch import Study, real


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)


def train(hp, data, run):
    run.report(0, {"loss": 1.0})


study = Study(name="plateau", space=Point, train=train, minimize="loss")
