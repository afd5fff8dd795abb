"""Slope: a study without Keras. Its trials train on and on while the file `slow` lies beside it, so
that whatever befalls a worker meets it in the middle of training; afterwards they end in no time."""

import itertools
import time
from dataclasses import dataclass
from pathlib import Path

from optisearch import Outcome, Run, Study, real

SLOW = Path(__file__).with_name("slow")


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)


def train(hp: Point, _data: None, run: Run) -> Outcome:
    """Descends to the point, epoch by epoch."""
    for epoch in itertools.count():
        is_slow = SLOW.exists()
        if is_slow:
            time.sleep(0.1)
        run.report(epoch, {"loss": hp.x**2 + 1 / (epoch + 1)})
        if not is_slow and epoch >= 4:
            break
    return Outcome(parameters=1)


study = Study(name="slope", space=Point, train=train, minimize="loss")
