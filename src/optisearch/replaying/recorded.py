"""A trial as it is stored, with what it takes to train it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optisearch import reading, record
from optisearch.errors import OptisearchError
from optisearch.plan import Confirmation
from optisearch.reading import StageResults, TrialResult
from optisearch.settings import COMPARE, CONFIRM, SEARCH
from optisearch.space.stored import active_point
from optisearch.storage import Database


@dataclass(frozen=True)
class Recorded:
    """A trial as it is stored.

    Attributes:
        stage: Its stage.
        trial: The trial.
        manifest: What the stage was begun with.
        source: The text of the study file then.
        stages: All stages of its study, by kind; its own among them.
    """

    stage: StageResults
    trial: TrialResult
    manifest: Mapping[str, Any]
    source: str = ""
    stages: Mapping[str, StageResults] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"trial {self.trial.number} of {self.stage.info.name}"

    @property
    def metric(self) -> str:
        return self.stage.info.metric

    @property
    def is_confirmation(self) -> bool:
        """Whether it was trained on training and validation part, and judged on the test part."""
        return self.stage.info.stage == CONFIRM

    @property
    def point(self) -> dict[str, Any]:
        """Its active factors."""
        return self.point_of(self.trial)

    def point_of(self, trial: TrialResult) -> dict[str, Any]:
        """The active factors of a trial of any stage of the study."""
        info = self.stage.info
        declared = active_point(info.factors, trial.params, info.fixed)
        return declared | {k: v for k, v in trial.params.items() if k not in declared}

    @property
    def attempts(self) -> tuple[TrialResult, ...]:
        """The attempts whose epochs it took over, and itself: the last."""
        by_number = {trial.number: trial for trial in self.stage.trials}
        found = [self.trial]
        while found[0].retry_of in by_number:
            found.insert(0, by_number[found[0].retry_of])
        return tuple(found)

    @property
    def confirmed(self) -> tuple[float, ...]:
        """What its point reached on the test part, a value for each seed; empty without a
        confirmation of it."""
        stage = self.stages.get(CONFIRM)
        if stage is None or not isinstance(stage.plan, Confirmation):
            return ()
        rows = reading.confirmation(stage)
        return next(
            (tuple(row.values.values()) for row in rows if row.contestant.point == self.point), ()
        )


def find_trial(database: Database, name: str, number: int | None) -> Recorded:
    """A trial of the stage that a name means: `mnist/compare`, or `mnist` for its search.

    Args:
        database: The database.
        name: The name of a study or stage.
        number: The trial's; None for the best one.

    Raises:
        NotStoredError: There is no such study.
        OptisearchError: The name means several studies, or there is no such trial.
    """
    storage = database.storage
    with database.errors():
        found = reading.find(storage, name)
        chosen = the_stage(name, found)
        stage = reading.load_stage(storage, chosen)
        study = chosen.rpartition("/")[0]
        stages = {
            each.rpartition("/")[2]: stage if each == chosen else reading.load_stage(storage, each)
            for each in (reading.find(storage, study) if study else ())
        }
        study_id = storage.get_study_id_from_name(chosen)
        attributes = storage.get_study_system_attrs(study_id)
    if not stage.info.declared:
        raise OptisearchError(
            "OptiSearch didn't train this study, so nothing says how",
            where=chosen,
            remedy="Name one that it did; see `optisearch status`",
        )
    trial = best_of(stage) if number is None else _numbered(stage, number)
    manifest = attributes[record.MANIFEST]
    return Recorded(stage, trial, manifest, attributes.get(record.SOURCE, ""), stages)


def the_stage(name: str, found: tuple[str, ...]) -> str:
    """Of the stages that a name means the one that is meant by a trial of it."""
    if len(found) == 1:
        return found[0]
    searches = [each for each in found if each.endswith(f"/{SEARCH}")]
    studies = {each.rpartition("/")[0] for each in found}
    if len(searches) == 1 and len(studies) == 1:
        return searches[0]
    what = "several studies" if len(studies) > 1 else "several stages"
    raise OptisearchError(
        f"the name means {what}", where=name, remedy=f"Name one of {', '.join(found)}"
    )


def _numbered(stage: StageResults, number: int) -> TrialResult:
    for trial in stage.trials:
        if trial.number == number:
            return trial
    last = max((trial.number for trial in stage.trials), default=None)
    there = "it has none yet" if last is None else f"its trials are 0 to {last}"
    raise OptisearchError(
        f"there is no trial {number}; {there}",
        where=stage.info.name,
        remedy=f"Look them up: optisearch report {stage.info.name}",
    )


def best_of(stage: StageResults) -> TrialResult:
    """The best trial of a search.

    Raises:
        OptisearchError: None has completed, or it is a stage of cells.
    """
    if stage.info.stage in (COMPARE, CONFIRM):
        raise OptisearchError(
            "its trials aren't ranked: each cell has its own purpose",
            where=stage.info.name,
            remedy="Name one of them: --trial N",
        )
    if stage.best is None:
        raise OptisearchError(
            "no trial has completed yet, so there is no best one",
            where=stage.info.name,
            remedy=f"See how it stands: optisearch status {stage.info.name}",
        )
    return stage.best
