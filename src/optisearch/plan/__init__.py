"""What is compared, cell by cell: pure functions of what is stored with a stage.

plan = read_plan(attributes)
ledger = Ledger.of(attempts)
[cell for cell in plan.due(ledger) if ledger.is_open(cell)]
"""

from optisearch.plan.cells import Attempt, Cell, CellEnding, Ledger
from optisearch.plan.comparisons import Planned, describe
from optisearch.plan.confirmation import Confirmation, Contestant
from optisearch.plan.distributions import distributions, parameters
from optisearch.plan.planning import DEFAULT_SEEDS, EVERYTHING, Plan, Wanted
from optisearch.plan.stored import make_plan, read_plan
from optisearch.plan.tuned import Tuning

__all__ = [
    "DEFAULT_SEEDS",
    "EVERYTHING",
    "Attempt",
    "Cell",
    "CellEnding",
    "Confirmation",
    "Contestant",
    "Ledger",
    "Plan",
    "Planned",
    "Tuning",
    "Wanted",
    "describe",
    "distributions",
    "make_plan",
    "parameters",
    "read_plan",
]
