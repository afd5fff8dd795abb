"""What becomes of attempts that ended through no fault of their own."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from optisearch.plan import EVERYTHING
from optisearch.reading.stage import StageResults
from optisearch.reading.trial import TrialResult
from optisearch.record import MAX_LOST_ATTEMPTS

Fate = Literal["repeated", "to be repeated", "given up", "no longer needed"]


@dataclass(frozen=True)
class Unfinished:
    """An attempt that was interrupted, or lost because its worker died.

    Attributes:
        trial: The attempt.
        attempts: All attempts at the same, from the first to the last.
        retry: The next of them, which took this one up.
        fate: What becomes of it.
    """

    trial: TrialResult
    attempts: tuple[TrialResult, ...]
    retry: TrialResult | None
    fate: Fate

    @property
    def losses(self) -> tuple[TrialResult, ...]:
        """The attempts that were lost."""
        return tuple(trial for trial in self.attempts if trial.ending == "lost")


def unfinished(stage: StageResults) -> tuple[Unfinished, ...]:
    """The interrupted and the lost attempts of a stage, by number."""
    trials = stage.ended("interrupted", "lost")
    if not trials:
        return ()
    chains: defaultdict[int, list[TrialResult]] = defaultdict(list)
    for trial in stage.trials:
        chains[_first(trial)].append(trial)
    retries = {trial.retry_of: trial for trial in stage.trials if trial.retry_of is not None}
    cells = _fates_of_cells(stage)
    found = []
    for trial in trials:
        attempts, retry = tuple(chains[_first(trial)]), retries.get(trial.number)
        fate: Fate
        if retry is not None:
            fate = "repeated"
        elif trial.cell is not None:
            fate = cells.get(trial.cell, "no longer needed")
        else:
            fate = _fate(stage, attempts)
        found.append(Unfinished(trial, attempts, retry, fate))
    return tuple(found)


def _first(trial: TrialResult) -> int:
    return trial.number if trial.first_attempt is None else trial.first_attempt


def _fate(stage: StageResults, attempts: tuple[TrialResult, ...]) -> Fate:
    if sum(trial.ending == "lost" for trial in attempts) >= MAX_LOST_ATTEMPTS:
        return "given up"
    budget = stage.info.trials
    used_up = budget is not None and stage.tally.trained >= budget
    return "no longer needed" if used_up else "to be repeated"


def _fates_of_cells(stage: StageResults) -> Mapping[str, Fate]:
    """Those of the cells that are still wanted."""
    if stage.plan is None:
        return {}
    ledger = stage.ledger
    fates: dict[str, Fate] = {}
    for cell in stage.plan.due(ledger, EVERYTHING):
        if ledger.is_given_up(cell):
            fates[cell.key] = "given up"
        elif ledger.is_open(cell):
            fates[cell.key] = "to be repeated"
    return fates
