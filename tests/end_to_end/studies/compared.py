"""Compared: an epoch takes 50 ms, so that an interruption meets cells in the middle of training."""

import random
import time
from dataclasses import dataclass

from optisearch import Comparison, Study, choice, integer, real


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)
    shape: str = choice("round", "flat", "steep", baseline="round")
    epochs: int = integer(1, 4, baseline=4)


def train(hp, data, run):
    noise = random.Random(f"{run.seed} {hp}").random()
    height = {"round": hp.x**2, "flat": 0.5 * hp.x**2 + 1, "steep": 5.0 - hp.x}[hp.shape]
    for epoch in range(hp.epochs):
        time.sleep(0.05)
        run.report(epoch, {"loss": height + noise + 1 / (epoch + 1)})


study = Study(
    name="compared",
    space=Point,
    train=train,
    minimize="loss",
    comparisons=[
        Comparison("shape"),
        Comparison("x", levels=[0.0, 1.0, 10.0]),
        Comparison("epochs", levels=[1, 4]),
    ],
)
