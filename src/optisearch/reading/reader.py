"""Reads a stage again and again, at the cost of what is new.

    reader = StageReader(study)
    while running:
        screen.standing(reader.look())
    print(report(reader.read()))

A trial that has ended never changes, but for being taken up by another one.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial

from optisearch.plan import EVERYTHING, Wanted, read_plan
from optisearch.reading.info import StageInfo, read_info
from optisearch.reading.progress import Progress
from optisearch.reading.stage import StageResults
from optisearch.reading.tally import Counts, Tally
from optisearch.reading.trial import TrialResult, read_trial
from optisearch.record import METRIC_NAMES, OF_A_STAGE, RETRY_OF
from optisearch.storage import attributes

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

_READ = (*OF_A_STAGE, METRIC_NAMES)


@dataclass(frozen=True)
class Standing:
    """How a stage stands: what those who watch it want to know.

    Attributes:
        tally: How many trials ended how.
        progress: How much is done of what they are after.
        best: The completed trial with the best value, the first of equal ones.
        has_cells: Whether it is cells that are trained, which aren't ranked.
    """

    tally: Tally
    progress: Progress
    best: TrialResult | None = None
    has_cells: bool = False


def read_stage(study: optuna.Study) -> StageResults:
    """Read a stage, or any `optuna.Study`, once.

    Raises:
        OptisearchError: A newer OptiSearch stored it.
    """
    return StageReader(study).read()


class StageReader:
    """One stage, for as long as somebody wants to know how it stands."""

    def __init__(self, study: optuna.Study) -> None:
        """Read nothing yet.

        Args:
            study: The stage's `optuna.Study`, or any other.
        """
        self._study = study
        self._wanted = EVERYTHING
        self._standing: Standing | None = None
        self._begin({})

    def read(self) -> StageResults:
        """The stage as it stands now, whole.

        Raises:
            KeyError: It was deleted.
            OptisearchError: A newer OptiSearch stored it.
        """
        self._catch_up()
        return self._results()

    def look(self, wanted: Wanted = EVERYTHING) -> Standing:
        """How the stage stands now.

        Args:
            wanted: The part of a comparison whose progress is meant.

        Raises:
            KeyError: It was deleted.
            OptisearchError: A newer OptiSearch stored it.
        """
        self._catch_up()
        if self._standing is None or self._wanted != wanted:
            self._wanted, self._standing = wanted, self._stand(wanted)
        return self._standing

    def _results(self) -> StageResults:
        return StageResults(self._info, tuple(self._rows), self._plan, tuple(self._frozen))

    def _stand(self, wanted: Wanted) -> Standing:
        tally = self._counts.tally(self._info.trials)
        if self._plan is None:
            return Standing(tally, Progress.of_trials(tally, self._info.trials), self._best)
        return Standing(tally, self._results().progress(wanted), self._best, has_cells=True)

    def _begin(self, stored: Mapping[str, Any]) -> None:
        """What a stage's attributes say decides how trials are read: forget those read so far."""
        # Name → where it was first sampled (the trial's number, the place in it), and from what.
        self._sampled: dict[str, tuple[tuple[int, int], BaseDistribution]] = {}
        self._info = self._described(stored)
        self._plan = read_plan(stored)
        self._attributes = stored
        self._frozen: list[FrozenTrial] = []
        self._rows: list[TrialResult] = []
        self._unfinished: set[int] = set()  # their places in both lists
        self._retried: set[Any] = set()
        self._counts = Counts()
        self._best: TrialResult | None = None
        self._standing = None

    def _described(self, stored: Mapping[str, Any]) -> StageInfo:
        first = sorted(self._sampled.items(), key=lambda item: item[1][0])
        return read_info(
            self._study.study_name,
            [
                "maximize" if each is StudyDirection.MAXIMIZE else "minimize"
                for each in self._study.directions
            ],
            stored,
            [{name: distribution for name, (_, distribution) in first}],
        )

    def _catch_up(self) -> None:
        stored = attributes.named(self._study._storage, self._study._study_id, _READ)
        if stored != self._attributes:
            self._begin(stored)
        # All of them; Optuna asks the database for those only that hadn't ended.
        self._frozen = self._study.get_trials(deepcopy=False)
        places = sorted(self._unfinished.union(range(len(self._rows), len(self._frozen))))
        fresh = [self._frozen[place] for place in places]
        if sum(map(self._tells_of_a_factor, fresh)):  # each is asked
            self._info = self._described(self._attributes)
        retried = {t.system_attrs[RETRY_OF] for t in fresh if RETRY_OF in t.system_attrs}
        newly_retried = retried - self._retried
        self._retried |= retried
        for place, trial in zip(places, fresh, strict=True):
            self._note(place, trial)
        for number in newly_retried:
            self._supersede(number)

    def _tells_of_a_factor(self, trial: FrozenTrial) -> bool:
        tells = False
        for place, (name, distribution) in enumerate(trial.distributions.items()):
            at = (trial.number, place)
            if name not in self._sampled or at < self._sampled[name][0]:
                self._sampled[name], tells = (at, distribution), True
        return tells

    def _note(self, place: int, trial: FrozenTrial) -> None:
        row = read_trial(
            trial,
            metric=self._info.metric,
            declared=self._info.declared,
            superseded=trial.number in self._retried,
        )
        if trial.state.is_finished():
            self._unfinished.discard(place)
        else:
            self._unfinished.add(place)
        if place == len(self._rows):
            self._rows.append(row)
            self._count(row, None)
        else:
            before, self._rows[place] = self._rows[place], row
            self._count(row, before)

    def _supersede(self, number: int) -> None:
        place = bisect_left(self._rows, number, key=lambda row: row.number)
        if place < len(self._rows) and self._rows[place].number == number:
            before, row = self._rows[place], replace(self._rows[place], superseded=True)
            self._rows[place] = row
            self._count(row, before)

    def _count(self, row: TrialResult, before: TrialResult | None) -> None:
        self._counts.put(row, before)
        if before is None or before.ending != row.ending:  # a retry is a trial that is new
            self._standing = None
        if row.ending == "completed" and (
            self._best is None or self._rank(row) <= self._rank(self._best)
        ):
            self._best = row

    def _rank(self, row: TrialResult) -> tuple[float, int]:
        return self._info.rank(cast("float", row.value)), row.number
