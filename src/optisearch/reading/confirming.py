"""A confirmation's rows: what the winner and the baseline reached on the test part."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from optisearch.plan import Confirmation, Contestant
from optisearch.reading.stage import StageResults
from optisearch.reading.trial import TrialResult


@dataclass(frozen=True)
class ContestantResults:
    """One row.

    Attributes:
        contestant: Who it is.
        trials: Seed → the trial that counts, completed or diverged.
        failed: The trials that failed or were lost, of cells without a result.
        planned: How many seeds it is to have.
    """

    contestant: Contestant
    trials: Mapping[int, TrialResult] = field(default_factory=dict)
    failed: tuple[TrialResult, ...] = ()
    planned: int = 0

    @property
    def values(self) -> dict[int, float]:
        """Seed → the metric on the test part; infinite where it diverged."""
        return {seed: trial.value for seed, trial in self.trials.items() if trial.value is not None}

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the trials that the row is computed from."""
        return tuple(trial.number for trial in self.trials.values())


def confirmation(stage: StageResults) -> tuple[ContestantResults, ...]:
    """The rows of a confirm stage, the winner's first; of any other stage none."""
    plan = stage.plan
    if not isinstance(plan, Confirmation):
        return ()
    done = {trial.cell: trial for trial in reversed(stage.trained) if trial.cell is not None}
    rows = []
    for contestant in plan.contestants:
        cells = plan.cells(contestant)
        keys = {cell.key for cell in cells} - set(done)
        rows.append(
            ContestantResults(
                contestant,
                {cell.seed: done[cell.key] for cell in cells if cell.key in done},
                tuple(trial for trial in stage.ended("failed", "lost") if trial.cell in keys),
                len(cells),
            )
        )
    return tuple(rows)
