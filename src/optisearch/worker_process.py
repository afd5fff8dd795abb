"""What `optisearch work` does: a study file becomes a study, data, a trainer and an open stage."""

import sys
import threading
from dataclasses import asdict, dataclass
from typing import Any

from optisearch import data as data_sets
from optisearch import manifest as manifests
from optisearch import space as spaces
from optisearch.data import Split, TrainingData
from optisearch.errors import DataError, OptisearchError, TrainingError
from optisearch.events import Listener, Loading, Ready, Refused
from optisearch.job import Job
from optisearch.joining import open_stage
from optisearch.loading import load_study, read_source
from optisearch.stage import Stage
from optisearch.storage import WORKER_LOCK_WAIT_SECONDS, open_database
from optisearch.study import Study
from optisearch.tracebacks import own_frames
from optisearch.training import Trainer, make_trainer
from optisearch.worker import ExitCode, Stop, work


@dataclass(frozen=True)
class Prepared:
    """A job before its database is touched."""

    study: Study
    data: TrainingData | None
    trainer: Trainer
    manifest: dict[str, Any]
    source: str


class Starter:
    """The process that started this worker, which speaks to it over standard input.

    `go` lets it join the stage, `drain` stops it. When the starter is gone, the worker works on.
    """

    def __init__(self, stop: Stop) -> None:
        self._go = threading.Event()
        self._stop = stop
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            if line.strip() == "drain":
                self._stop.asked.set()
            self._go.set()
        self._go.set()

    def wait(self) -> None:
        self._go.wait()


def prepare(job: Job, listener: Listener) -> Prepared:
    """Load everything that a job needs. Creates nothing.

    Raises:
        OptisearchError: The study file, the data or the model can't be used.
    """
    listener(Loading("the study file"))
    source = read_source(job.path)
    study = load_study(job.path)
    data: Split | None = None
    if study.data is not None:
        listener(Loading("data"))
        data = _load_data(job, study)
    elif job.train_samples is not None:
        raise DataError(
            "the study has no data to take records of",
            where="--train-samples",
            remedy="Leave the option out",
        )
    manifest = manifests.describe(study, data, source=source, file=str(job.path))
    # From here on nothing can reach the test part.
    training_data = data.for_training() if data is not None else None
    return Prepared(study, training_data, make_trainer(study, training_data), manifest, source)


def _load_data(job: Job, study: Study) -> Split:
    try:
        return data_sets.load(study.data, job.train_samples)
    except OptisearchError:
        raise
    except Exception as error:
        raise DataError(
            "the study's data function raises",
            where=str(job.path),
            remedy="Correct it",
            detail=own_frames(error),
        ) from None


def open_prepared(job: Job, prepared: Prepared) -> Stage:
    """Create the job's stage, or join it."""
    database = open_database(job.address, create=True, lock_wait_seconds=WORKER_LOCK_WAIT_SECONDS)
    return open_stage(
        database,
        prepared.manifest,
        job.wishes,
        source=prepared.source,
        max_epochs=max_epochs(prepared.study),
    )


def run_worker(
    job: Job, listener: Listener, stop: Stop, *, starter: Starter | None = None, checks: bool = True
) -> ExitCode:
    """Do a job from beginning to end.

    Args:
        job: The job.
        listener: Is told of events, errors among them.
        stop: Asks the worker to stop.
        starter: The process that started this one, if it wants to say when to join.
        checks: Try the baseline on one batch first.

    Raises:
        OptisearchError: What keeps the worker from working; the listener was told.
    """
    try:
        prepared = prepare(job, listener)
        if checks:
            listener(Loading("the model"))
            prepared.trainer.check()
        if starter is not None:
            starter.wait()
        if stop():
            return ExitCode.WORK_LEFT
        stage = open_prepared(job, prepared)
        listener(
            Ready(
                stage.name,
                prepared.manifest,
                asdict(stage.settings),
                stage.budget.as_dict(),
                trained=stage.trained(),
                checked=prepared.study.build is not None,
            )
        )
        try:
            return work(
                stage,
                prepared.study,
                prepared.trainer,
                stop=stop,
                listener=listener,
                replaceable=starter is not None,
            )
        except TrainingError:
            _remove_if_empty(stage)
            raise
    except OptisearchError as error:
        listener(Refused(str(error), error.exit_code))
        raise


def max_epochs(study: Study) -> int:
    """The most epochs that a trial of the study may train; 1 where the space has no `epochs`."""
    factor = spaces.factors(study.space).get("epochs")
    if isinstance(factor, spaces.Number):
        return int(factor.high)
    if isinstance(factor, spaces.Choice):
        return int(max(factor.options))
    return int(getattr(study.space(), "epochs", 1) or 1)


def _remove_if_empty(stage: Stage) -> None:
    """Leave no stage behind whose definition turned out to be wrong."""
    if not stage.trained():
        stage.database.storage.delete_study(stage.study._study_id)
