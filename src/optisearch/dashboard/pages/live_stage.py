"""One stage, read again and again at the cost of what is new, and told when a trial has ended."""

from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

import optuna

from optisearch import reading
from optisearch import report as reports
from optisearch.dashboard.pages.kept import Kept
from optisearch.reading import Crew, StageReader, StageResults, Standing
from optisearch.report import Report
from optisearch.storage import Database

# Several people look at once, and each look of each of them asks the database.
_LOOK_SECONDS = 1.0
# Trials may land every second: telling of them is to take a tenth of the time at most.
TELL_SECONDS, TELL_TIMES = 3.0, 9.0


@dataclass(frozen=True)
class Look:
    """How a stage stands.

    Attributes:
        study_id: Its id in the database.
        version: Counts the changes that a report tells of: trials that began or ended.
        standing: What those who watch it want to know.
        results: All of it.
        crew: Who is at work in it.
        last_activity: When a trial last began or ended, in local time.
        curves: How many of its trials have intermediate values.
        seen: When, by the database's clock, in local time.
    """

    study_id: int
    version: int
    standing: Standing
    results: StageResults
    crew: Crew
    last_activity: datetime | None
    curves: int
    seen: datetime

    @property
    def state(self) -> tuple[int, int]:
        """Two looks of the same state are told in the same words."""
        return self.study_id, self.version


@dataclass(frozen=True)
class Told:
    """A stage's report, and the look that it was computed from."""

    look: Look
    report: Report


class LiveStage:
    """A stage of the database, for as long as somebody looks at it."""

    def __init__(
        self, database: Database, study_id: int, name: str, readers: Executor, tellers: Executor
    ) -> None:
        """Read nothing yet.

        Args:
            database: Where it is stored.
            study_id: Its id there.
            name: Its name.
            readers: Whose threads read it.
            tellers: Whose threads compute its report.
        """
        self.study_id = study_id
        self.name = name
        self._database = database
        self._reader: StageReader | None = None
        self._standing: Standing | None = None
        self._version = 0
        self._last_activity: datetime | None = None
        self._curves = 0
        self._looks: Kept[Look] = Kept(readers, _LOOK_SECONDS)
        self._reports: Kept[Told] = Kept(tellers, TELL_SECONDS, TELL_TIMES)

    def look(self, patience: float | None) -> Look | None:
        """How it stands: as of now, or as it was last seen.

        Args:
            patience: How long to wait, in seconds; None: until it is read.

        Returns:
            None while it is read for the first time.

        Raises:
            KeyError: It was deleted.
            OptisearchError: It can't be read: it has several objectives, a newer OptiSearch stored
                it, or the database is away.
        """
        return self._looks.get(self._read, patience=patience)

    def told(self, look: Look, patience: float | None) -> Told | None:
        """Its report: that of this look, or the last one.

        Args:
            look: How it stands.
            patience: How long to wait, in seconds; None: until it is computed.

        Returns:
            None while it is computed for the first time.
        """

        def tell() -> Told:
            return Told(look, reports.report(look.results))

        return self._reports.get(tell, look.state, patience=patience)

    # The database's errors in words are raised where the answer is waited for.
    def _read(self) -> Look:
        with self._database.errors():
            if self._reader is None:
                study = optuna.load_study(study_name=self.name, storage=self._database.storage)
                self._reader = StageReader(study)
            standing = self._reader.look()
            stage = self._reader.read()
            if standing is not self._standing:
                self._standing = standing
                self._version += 1
                self._last_activity = stage.last_activity
                self._curves = sum(trial.last_epoch is not None for trial in stage.trials)
            now = self._database.local_now()
            crew = reading.load_crew(self._database, stage, now)
        return Look(
            self.study_id,
            self._version,
            standing,
            stage,
            crew,
            self._last_activity,
            self._curves,
            now,
        )
