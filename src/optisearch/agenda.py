"""Which cell a free worker trains next: a pure decision over a stage's trials."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from optisearch import record
from optisearch.budget import Done, New, Retry, Step, Wait
from optisearch.plan import Attempt, Cell, CellEnding, Ledger, Wanted

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


class Cells(Protocol):
    """What has cells: a `Plan`, a `Confirmation`."""

    def due(self, ledger: Ledger, wanted: Wanted) -> list[Cell]:
        """Every cell that is known to be needed, in the order in which to train them."""

    def foreseen(self, ledger: Ledger, wanted: Wanted) -> int:
        """How many more there will be."""


def next_cell(plan: Cells, trials: Sequence["FrozenTrial"], wanted: Wanted) -> Step:
    """What a free worker does next.

    A cell that failed or was lost comes again when all others were tried.

    Args:
        plan: Where cells come from.
        trials: All trials of the stage, in the order of their numbers.
        wanted: The part of the plan that this worker is after.
    """
    ledger = Ledger.of(attempts(trials))
    unfinished = [cell for cell in plan.due(ledger, wanted) if ledger.is_open(cell)]
    if not unfinished:
        return Done("cells")
    free = [cell for cell in unfinished if cell.key not in ledger.running]
    if not free:
        return Wait()
    cell = min(free, key=ledger.failures)  # of equal ones the first
    last = ledger.last_attempt(cell)
    return New(cell) if last is None else Retry(trials[last], cell)


def progress(plan: Cells, trials: Sequence["FrozenTrial"], wanted: Wanted) -> tuple[int, int]:
    """How many cells are done, and how many there are to be, as far as is known."""
    ledger = Ledger.of(attempts(trials))
    due = plan.due(ledger, wanted)
    return sum(map(ledger.is_done, due)), len(due) + plan.foreseen(ledger, wanted)


def attempts(trials: Sequence["FrozenTrial"]) -> list[Attempt]:
    """What each trial did for its cell."""
    return [
        Attempt(trial.number, trial.system_attrs[record.CELL], _ending(trial), _value(trial))
        for trial in trials
        if record.CELL in trial.system_attrs
    ]


def _ending(trial: "FrozenTrial") -> CellEnding:
    from optuna.trial import TrialState

    match trial.state:
        case TrialState.COMPLETE:
            return "done"
        case TrialState.RUNNING:
            return "running"
    reason = trial.user_attrs.get(record.END_REASON)
    # A worker of ours writes the reason before the state; only one that died leaves none.
    return reason if reason in ("failed", "interrupted") else "lost"


def _value(trial: "FrozenTrial") -> float | None:
    from optuna.trial import TrialState

    return trial.value if trial.state is TrialState.COMPLETE else None
