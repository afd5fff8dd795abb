"""Logged: writes down each epoch that it really trains, so that nothing can be claimed.

By the environment: FAULT_LOG, the file; FAULT_SECONDS, what a trial takes (0: no time at all);
FAULT_EPOCHS, how many epochs it has; FAULT_DEADLY, an x that kills its process after an epoch;
FAULT_BARRIER, a file that is waited for before anything else.
"""

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from optisearch import Study, real

SECONDS = float(os.environ.get("FAULT_SECONDS", "1"))
EPOCHS = int(os.environ.get("FAULT_EPOCHS", "10"))
DEADLY = float(os.environ.get("FAULT_DEADLY", "nan"))

if barrier := os.environ.get("FAULT_BARRIER"):
    Path(f"{barrier}-{os.getpid()}").touch()  # it has come so far
    while not Path(barrier).exists():
        time.sleep(0.005)


@dataclass(frozen=True)
class Point:
    """A point of the line. `Point()` is the baseline."""

    x: float = real(-5.0, 5.0, baseline=0.0)
    epochs: int = EPOCHS


def log(run, what, epoch=-1):
    line = {"pid": os.getpid(), "trial": run.number, "seed": run.seed, "what": what}
    line |= {"epoch": epoch, "at": time.monotonic()}
    with Path(os.environ["FAULT_LOG"]).open("ab", buffering=0) as file:
        file.write(json.dumps(line).encode() + b"\n")  # one write, which nobody's gets into


def train(hp, data, run):
    log(run, "begins")
    for epoch in range(hp.epochs):
        time.sleep(SECONDS / hp.epochs)
        log(run, "trained", epoch)
        if abs(hp.x - DEADLY) < 0.01:
            os.kill(os.getpid(), signal.SIGKILL)
        run.report(epoch, {"loss": hp.x**2 + 1 / (epoch + 1)})
    log(run, "ends")


study = Study(name="logged", space=Point, train=train, minimize="loss")
