"""Hanging: the second epoch of each trial takes ten minutes."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from optisearch import Study, real


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)
    epochs: int = 3


def train(hp, data, run):
    for epoch in range(hp.epochs):
        run.report(epoch, {"loss": hp.x**2})
        if "ASLEEP" in os.environ:
            Path(os.environ["ASLEEP"], str(os.getpid())).touch()
        time.sleep(600)


study = Study(name="hanging", space=Point, train=train, minimize="loss")
