"""What the front page says, gathered from all stages."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from optisearch.dashboard.pages.gallery import Gallery
from optisearch.dashboard.pages.live_stage import LiveStage, Look
from optisearch.dashboard.pages.stage_shown import StageShown, shown
from optisearch.errors import OptisearchError, StorageError
from optisearch.report import format as fmt

# The tables of so many stages are shown, of those with the latest activity.
_TABLES_OF = 6


@dataclass(frozen=True)
class StudyShown:
    """A study on the front page: its stages in the order in which they were begun."""

    name: str
    stages: tuple[StageShown, ...]

    @property
    def title(self) -> str:
        """Its question; its name where nothing says."""
        return next((stage.title for stage in self.stages if stage.title), self.name)

    @property
    def anchor(self) -> str:
        """What links on the page call it."""
        return f"study-{self.stages[0].study_id}"


@dataclass(frozen=True)
class Front:
    """The front page: its studies, those at which somebody is at work first, then the newest.

    Attributes:
        studies: The studies.
        latest: The id of the stage with the latest activity.
    """

    studies: tuple[StudyShown, ...]
    latest: int | None

    @property
    def stages(self) -> tuple[StageShown, ...]:
        return tuple(stage for study in self.studies for stage in study.stages)

    @property
    def summary(self) -> str:
        """How many there are of everything."""
        running = sum(dict(stage.counts).get("running", 0) for stage in self.stages)
        parts = [
            fmt.amount(len(self.studies), "study", "studies"),
            fmt.amount(len(self.stages), "stage"),
            f"{fmt.amount(running, 'trial')} in training" if running else "nothing in training",
        ]
        return " · ".join(parts)

    @property
    def in_need(self) -> tuple[StageShown, ...]:
        """The stages that need somebody."""
        return tuple(stage for stage in self.stages if stage.needs)


def gather(gallery: Gallery, patience: float) -> Front:
    """The front page as of now.

    Args:
        gallery: The stages.
        patience: How long to wait in all for those that aren't read or computed yet, in seconds.

    Raises:
        StorageError: The database can't be read.
    """
    until = time.monotonic() + patience
    stages = gallery.stages()
    for stage in stages:  # all of them begin before the first one is waited for
        _look(stage, 0.0)
    looks = [(stage, _look(stage, _left(until))) for stage in stages]
    seen = [(stage, look) for stage, look in looks if isinstance(look, Look)]
    for stage, look in seen:
        stage.told(look, 0.0)
    active = sorted((look for _, look in seen), key=_last_activity, reverse=True)
    with_tables = {look.study_id for look in active[:_TABLES_OF]}
    found = [
        shown(look, stage.told(look, _left(until)), with_tables=look.study_id in with_tables)
        if isinstance(look, Look)
        else StageShown(stage.study_id, stage.name, answer=look)
        for stage, look in looks
    ]
    return Front(_studies(found), active[0].study_id if active else None)


def _look(stage: LiveStage, patience: float) -> Look | str:
    """How a stage stands, or a sentence that says why nobody knows."""
    try:
        return stage.look(patience) or "It is being read."
    except KeyError:
        return "It was deleted just now."
    except StorageError:
        raise
    except OptisearchError as error:
        return str(error)


def _last_activity(look: Look) -> datetime:
    return look.last_activity or datetime.min


def _studies(stages: Iterable[StageShown]) -> tuple[StudyShown, ...]:
    of: defaultdict[str, list[StageShown]] = defaultdict(list)
    for stage in stages:
        of[stage.study].append(stage)
    studies = [StudyShown(name, tuple(members)) for name, members in of.items()]
    return tuple(sorted(studies, key=_place, reverse=True))


def _place(study: StudyShown) -> tuple[bool, int]:
    # Not the last activity: studies would change places while somebody reads.
    return any(stage.state in {"running", "stuck"} for stage in study.stages), study.stages[
        -1
    ].study_id


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())
