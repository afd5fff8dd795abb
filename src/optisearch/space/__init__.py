"""The search space: a frozen dataclass whose fields say what may vary.

    @dataclass(frozen=True)
    class Digits:
        optimizer: str = choice("sgd", "adam", baseline="adam")
        learning_rate: float = real(1e-4, 1e-1, log=True, baseline=1e-3)
        epochs: int = integer(5, 20, baseline=10)
        units: int = 64                      # no range: fixed

`Digits()` is the baseline. One line per hyperparameter carries everything that the sampler, the
comparisons, the tables and the manifest need. Ranges are Optuna's: the argument order and words are
those of `suggest_int`, `suggest_float` and `suggest_categorical`.
"""

from optisearch.space.conditions import is_active
from optisearch.space.declaring import choice, integer, real
from optisearch.space.factors import Choice, Factor, Number, Trial
from optisearch.space.points import (
    baseline_point,
    factors,
    fixed,
    has_own_suggest,
    suggest,
)
from optisearch.space.problems import problems

__all__ = [
    "Choice",
    "Factor",
    "Number",
    "Trial",
    "baseline_point",
    "choice",
    "factors",
    "fixed",
    "has_own_suggest",
    "integer",
    "is_active",
    "problems",
    "real",
    "suggest",
]
