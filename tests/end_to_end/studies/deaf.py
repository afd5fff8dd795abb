"""Deaf: the second epoch takes ten minutes in which no signal is heard, as in a library's C code."""

import os
import signal
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
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        if "ASLEEP" in os.environ:
            Path(os.environ["ASLEEP"], str(os.getpid())).touch()
        time.sleep(600)


study = Study(name="deaf", space=Point, train=train, minimize="loss")
