"""What a study is after: metrics of its epochs and costs of its trials, the monitored one first.

Trials are pruned, ranked and compared by the first objective; a search of several looks for the
Pareto front of all of them.
"""

from optisearch.objectives.declaring import Names, declared, problems
from optisearch.objectives.measuring import until_target, values
from optisearch.objectives.objective import (
    COSTS,
    EPOCHS_TO_TARGET,
    TO_TARGET,
    Direction,
    Objective,
    losses,
    read_objectives,
    stored_objectives,
)

__all__ = [
    "COSTS",
    "EPOCHS_TO_TARGET",
    "TO_TARGET",
    "Direction",
    "Names",
    "Objective",
    "declared",
    "losses",
    "problems",
    "read_objectives",
    "stored_objectives",
    "until_target",
    "values",
]
