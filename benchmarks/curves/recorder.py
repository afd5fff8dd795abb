"""Trains one point of a grid and records its curve."""

import contextlib
import itertools
import math
import time
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import optuna

from benchmarks.curves.grid import Grid
from optisearch import seeding
from optisearch import space as spaces
from optisearch.events import Epoch, Event
from optisearch.live_run import LiveRun
from optisearch.study import Study
from optisearch.training import Trainer


@dataclass(frozen=True)
class Recorder:
    """Trains points of a study's grid.

    Attributes:
        study: The study.
        trainer: Its trainer.
        grid: The points.
    """

    study: Study
    trainer: Trainer
    grid: Grid

    def record(self, number: int) -> dict[str, Any]:
        """Train a point: its number, its curve, the seconds of its epochs and those before them.

        Seconds are of this process's CPU: alone on a core it would take as long, whereas the wall
        clock would tell how busy others keep the machine.
        """
        longest = int(epochs_of(self.study).high)
        hp = replace(self.study.space(), **self.grid.points[number], epochs=longest)
        trial = optuna.create_study(pruner=optuna.pruners.NopPruner()).ask()
        clock = [time.process_time()]

        def tick(event: Event) -> None:
            if isinstance(event, Epoch):
                clock.append(time.process_time())

        run = LiveRun(
            trial=trial,
            metric=self.study.metric,
            epochs=longest,
            seed=seeding.training_seed(0, number),
            stopping=lambda: False,
            listener=tick,
            trainer=self.trainer,
        )
        with contextlib.suppress(optuna.TrialPruned):  # it diverged: there is no pruner
            self.trainer.train(hp, run)
        took = time.process_time() - clock[0]
        self.trainer.release()
        # Building and tracing are in the first epoch: what it took beyond the others is the start.
        later = [end - begin for begin, end in itertools.pairwise(clock[1:])]
        usual = median(later) if later else took
        # The epoch in which a trial diverges isn't told of.
        seconds = [usual, *later, *[usual] * (len(run.history) - len(later) - 1)]
        values = [row.get(self.study.metric, math.nan) for row in run.history]
        return {
            "point": number,
            "values": [value if math.isfinite(value) else None for value in values],
            "seconds": [round(each, 6) for each in seconds],
            "start": round(max(0.0, took - sum(seconds)), 6),
        }


def epochs_of(study: Study) -> Any:
    """The factor that says how long a trial trains."""
    return spaces.factors(study.space)["epochs"]
