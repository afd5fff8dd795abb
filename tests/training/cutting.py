"""Trials that are cut off after some epochs, and taken up again by another worker."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import optuna
from optuna.trial import TrialState, create_trial

from optisearch import record
from optisearch.artifacts import Artifacts, Place
from optisearch.artifacts.store import Store
from optisearch.data import TrainingData
from optisearch.events import silence
from optisearch.live_run import LiveRun

from .likeness import Callbacks, Trained, Worker, none
from .zoo import Build, Point


@dataclass
class Trials:
    """One trial in several attempts, each by a worker of its own, and what is said meanwhile."""

    folder: Path
    build: Build
    data: TrainingData
    point: Point
    callbacks: Callbacks = none
    said: list[str] = field(default_factory=list)
    study: optuna.Study = field(default_factory=optuna.create_study)

    def __post_init__(self) -> None:
        store = Store(Place("folder", str(self.folder)), self._say)
        self.artifacts = Artifacts(store, every_seconds=0.0)
        self.artifacts.say = self._say  # type: ignore[method-assign]

    def _say(self, line: str) -> None:
        if line not in self.said:
            self.said.append(line)

    def undisturbed(self, worker: Worker | None = None) -> Trained:
        """A trial that nothing is kept of, because nothing happens to it."""
        trained: Trained = self.by(worker or Worker(self.data), None)[0]
        return trained

    def cut_off(self, after: int, worker: Worker | None = None) -> LiveRun:
        """An attempt that is drained after so many epochs."""
        trained, run = self.by(worker or Worker(self.data), self.trial(), drained=after)
        assert trained is None, "it should have been cut off"
        return run

    def taken_up(self, worker: Worker | None = None) -> tuple[Trained, LiveRun]:
        trained, run = self.by(worker or Worker(self.data), self.trial())
        assert trained is not None
        return trained, run

    def trial(self) -> optuna.Trial:
        """The next attempt, in training."""
        storage, before = self.study._storage, self.study.trials
        retry = {record.RETRY_OF: len(before) - 1} if before else {}
        new = create_trial(state=TrialState.RUNNING, system_attrs=retry)
        return optuna.Trial(self.study, storage.create_new_trial(self.study._study_id, new))

    def by(
        self, worker: Worker, trial: optuna.Trial | None, drained: int | None = None
    ) -> tuple[Any, LiveRun]:
        """An attempt; without a trial one that nobody keeps anything of."""
        history = keras.callbacks.History()
        worker.trainer._build = self.build
        worker.study.callbacks = lambda _point: [*self.callbacks(), history]

        def train(run: Any) -> Trained:
            return Trained.of(history, worker.trainer.train(self.point, run).trained_by)

        return self._attempted(train, worker, trial, drained)

    def _attempted(
        self, train: Any, worker: Worker, trial: optuna.Trial | None, drained: int | None
    ) -> tuple[Any, LiveRun]:
        run = LiveRun(
            trial or optuna.create_study().ask(),
            *("loss", None, 1, lambda: len(run.history) == drained, silence, worker.trainer),
            kept=self.artifacts.of(trial) if trial is not None else None,
        )
        try:
            return train(run), run
        except optuna.TrialPruned:
            assert trial is not None
            trial.set_user_attr(record.END_REASON, run.reason)
            self.study.tell(trial, state=TrialState.FAIL)
            return None, run

    def own(
        self, train: Any, trial: optuna.Trial | None = None, drained: int | None = None
    ) -> tuple[Any, LiveRun]:
        """An attempt at a trial with a loop of its own: a function of the run."""
        return self._attempted(train, Worker(self.data), trial, drained)

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.iterdir()) if self.folder.exists() else []


def rows(run: LiveRun) -> list[dict[str, Any]]:
    """A trial's history without its times."""
    return [{k: v for k, v in row.items() if k != "seconds"} for row in run.history]
