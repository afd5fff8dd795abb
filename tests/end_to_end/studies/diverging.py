"""Diverging: one of the two methods ends in NaN at its second epoch, the other doesn't."""

import math
from dataclasses import dataclass

from optisearch import Study, choice, real


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)
    method: str = choice("sound", "wild", baseline="sound")


def train(hp, data, run):
    for epoch in range(3):
        wild = hp.method == "wild" and epoch == 1
        run.report(epoch, {"loss": math.nan if wild else hp.x**2 + 1 / (epoch + 1)})


study = Study(name="diverging", space=Point, train=train, minimize="loss")
