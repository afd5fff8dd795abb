"""Slow: an epoch takes 50 ms, so that an interruption meets trials in the middle of training."""

import time
from dataclasses import dataclass

from optisearch import Study, real


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)
    epochs: int = 8


def train(hp, data, run):
    for epoch in range(hp.epochs):
        time.sleep(0.05)
        run.report(epoch, {"loss": hp.x**2 + 1 / (epoch + 1)})


study = Study(name="slow", space=Point, train=train, minimize="loss")
