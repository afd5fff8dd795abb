"""What `optisearch work` does: a study file becomes a study, data, a trainer and an open stage."""

import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from optisearch import data as data_sets
from optisearch import manifest as manifests
from optisearch import record
from optisearch import space as spaces
from optisearch.artifacts import open_artifacts
from optisearch.data import Split
from optisearch.errors import DataError, Difference, OptisearchError, TrainingError
from optisearch.events import Listener, Loading, Ready, Refused
from optisearch.job import Job
from optisearch.joining import PlanFor, open_stage
from optisearch.loading import load_study, read_source
from optisearch.plan import Confirmation, Plan, Wanted, read_plan
from optisearch.publishing import Publisher
from optisearch.report import format
from optisearch.settings import COMPARE, CONFIRM, SEARCH
from optisearch.stage import Stage
from optisearch.stage_plans import check_wanted, comparisons_for, contestants_for
from optisearch.storage import (
    OUTAGE_SECONDS,
    WORKER_LOCK_WAIT_SECONDS,
    Endurance,
    open_database,
)
from optisearch.study import Study
from optisearch.tracebacks import own_frames
from optisearch.tracking import follow
from optisearch.training import Trainer, make_trainer
from optisearch.warm_start import Carried, begins, carried_over, first_points_for
from optisearch.worker import ExitCode, Stop, work


@dataclass(frozen=True)
class Prepared:
    """A job before its database is touched."""

    study: Study
    data: Split | None
    trainer: Trainer
    manifest: dict[str, Any]
    source: str
    changes: list[Difference] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)


class Starter:
    """The process that started this worker, which speaks to it over standard input.

    `go` lets it join the stage, `drain` stops it. When the starter is gone, the worker works on.

    Attributes:
        is_gone: Whether the starter has ended.
    """

    def __init__(self, stop: Stop) -> None:
        self.is_gone = False
        self._go = threading.Event()
        self._stop = stop
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            if line.strip() == "drain":
                self._stop.asked.set()
            self._go.set()
        self.is_gone = True
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
    check_wanted(job.wanted, study)
    # From here on nothing can reach the test part, but `confirm`.
    trainer = make_trainer(study, data.for_training() if data is not None else None)
    return Prepared(study, data, trainer, manifest, source)


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


def open_prepared(
    job: Job, prepared: Prepared, endurance: Endurance, *, leads: bool = False
) -> Stage:
    """Create the job's stage, or join it.

    Args:
        job: The job.
        prepared: The job, prepared.
        endurance: How long to wait for the database, now and later.
        leads: Whether a definition of comparisons, or a winner, that differs from the stored one
            replaces it, and time that was up before is of no matter.
    """
    carried = Carried()
    if job.wishes.source:  # before anything is created
        stage = f"{prepared.manifest['name']}/{SEARCH}"
        carried = carried_over(
            *(job.address, job.wishes.source, prepared.study),
            stage=stage,
            most=job.wishes.best,
            endurance=endurance,
        )
        prepared.carried.extend(carried.told)
    database = open_database(
        job.address,
        create=True,
        lock_wait_seconds=WORKER_LOCK_WAIT_SECONDS,
        endurance=endurance,
    )
    planned: PlanFor = first_points_for(prepared.study, str(job.path), carried, redefine=leads)
    if job.stage == COMPARE:
        planned = comparisons_for(
            prepared.study, str(job.path), redefine=leads, changed=prepared.changes.extend
        )
    elif job.stage == CONFIRM:
        planned = contestants_for(database, prepared.manifest, redefine=leads)
    return open_stage(
        database,
        prepared.manifest,
        replace(job.wishes, goes_on=leads),
        kind=job.stage,
        planned=planned,
        wanted=job.wanted,
        source=prepared.source,
        max_epochs=max_epochs(prepared.study),
        allows_versions=job.allows_versions,
    )


def trainer_for(job: Job, prepared: Prepared) -> Trainer:
    """The trainer of the job's stage. That of `confirm` is the only one with the test part."""
    if job.stage != CONFIRM:
        return prepared.trainer
    if prepared.data is None:
        raise DataError(
            "the study has no data, so there is no test part to confirm on",
            where=str(job.path),
            remedy="Give it `data=`",
        )
    if prepared.study.build is not None and not prepared.study.metric.startswith("val_"):
        raise TrainingError(
            f"{prepared.study.metric!r} is measured on what is trained on, so the test part can't "
            "confirm it",
            where="maximize/minimize",
            remedy="Search by a metric of the validation part: val_…",
        )
    data = prepared.data.for_confirmation()
    return make_trainer(prepared.study, data, evaluates_at_end=True)


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
        artifacts = open_artifacts(os.environ, job.address)
        artifacts.keep_models = job.keep_models if job.stage == SEARCH else 0
        prepared = prepare(job, listener)
        if checks:
            listener(Loading("the model"))
            prepared.trainer.check()
        if starter is not None:
            starter.wait()
        if stop():
            return ExitCode.WORK_LEFT
        trainer = trainer_for(job, prepared)
        endurance = Endurance(OUTAGE_SECONDS, listener, leaving=stop)
        stage = open_prepared(job, prepared, endurance, leads=starter is not None and checks)
        artifacts.announce()
        listener(_ready(stage, prepared))
        try:
            following = follow(job.log, os.environ, job.address, stop)
            with _publishing(stage, starter), following:
                return work(
                    stage,
                    prepared.study,
                    trainer,
                    stop=stop,
                    listener=listener,
                    replaceable=starter is not None,
                    memory_limit=job.memory_limit,
                    trial_timeout=job.trial_timeout,
                    artifacts=artifacts,
                    following=following,
                )
        except TrainingError:
            _remove_if_empty(stage)
            raise
    except OptisearchError as error:
        listener(Refused(str(error), error.exit_code))
        raise


def _publishing(stage: Stage, starter: Starter | None) -> Publisher:
    """Publishes what the worker trains, unless there is a starter, which does."""
    return Publisher(
        stage.database,
        stage.study._study_id,
        contends=lambda: starter is None or starter.is_gone,
    )


def max_epochs(study: Study) -> int:
    """The most epochs that a trial of the study may train; 1 where the space has no `epochs`."""
    factor = spaces.factors(study.space).get("epochs")
    if isinstance(factor, spaces.Number):
        return int(factor.high)
    if isinstance(factor, spaces.Choice):
        return int(max(factor.options))
    return int(getattr(study.space(), "epochs", 1) or 1)


def _ready(stage: Stage, prepared: Prepared) -> Ready:
    stored = stage.stored()
    trained, total = stage.progress()
    return Ready(
        stage.name,
        prepared.manifest,
        asdict(stage.settings),
        stored[record.BUDGET],
        trained=trained,
        total=total,
        checked=prepared.study.build is not None,
        rows=_rows(stored, stage.wanted),
        changes=[str(difference) for difference in prepared.changes],
        versions=stage.versions,
        begins=begins(stage, prepared.carried) if stage.settings.stage == SEARCH else (),
    )


def _rows(stored: Mapping[str, Any], wanted: Wanted) -> list[tuple[str, str]]:
    """What a stage with cells compares, in words."""
    plan = read_plan(stored)
    if isinstance(plan, Confirmation):
        return [(each.name, format.settings(each.point.items())) for each in plan.contestants]
    if not isinstance(plan, Plan):
        return []
    return [
        (
            each.name,
            " | ".join(map(format.setting, each.levels))
            + (f"; tuned: {', '.join(each.tune)}" if each.tune and wanted.tuned else ""),
        )
        for each in wanted.of(plan.comparisons)
    ]


def _remove_if_empty(stage: Stage) -> None:
    """Leave no stage behind whose definition turned out to be wrong."""
    if not stage.trained():
        stage.database.storage.delete_study(stage.study._study_id)
