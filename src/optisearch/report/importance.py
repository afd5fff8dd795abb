"""How much each factor matters for being among the best: Optuna's PED-ANOVA.

Watanabe et al. 2023, https://arxiv.org/abs/2304.10255; with conditional factors: Kitamura et al.
2026, https://arxiv.org/abs/2601.20800.
"""

import importlib
import importlib.util
import math
import sys
import warnings
from typing import TYPE_CHECKING

from optisearch.reading import StageResults
from optisearch.report import format as fmt
from optisearch.report.table import Column, Section, Table

if TYPE_CHECKING:
    from optuna.importance import PedAnovaImportanceEvaluator

# Optuna recommends at least 5 trials among "the best": with fewer than 20 in all, those 5 would
# hardly be a choice.
_BEST_TRIALS = 5
_NEEDED = 4 * _BEST_TRIALS
_QUANTILE = 0.1
_TITLE = "Importance"


def section(stage: StageResults) -> Section | None:
    """Each factor's share, or what is missing to tell."""
    judged = stage.judged
    values = [trial.last_value if trial.value is None else trial.value for trial in judged]
    names = [
        factor.name
        for factor in stage.info.factors
        if any(factor.name in trial.params for trial in judged)
    ]
    if not stage.trials or not stage.info.factors:
        return None
    if len(values) < _NEEDED:
        sentence = f"It takes {_NEEDED} trials to tell; {_so_far(len(values))} so far."
        return Section(_TITLE, notes=(sentence,))
    target = max(_BEST_TRIALS, math.ceil(_QUANTILE * len(values)))
    good = sum(value == values[target - 1] for value in values[target:]) + target
    if good == len(values):
        sentence = f"Too many of the {len(values)} trials have the same value to tell."
        return Section(_TITLE, notes=(sentence,))
    scores = _scores(stage, names, target / len(values))
    total = sum(scores.values())
    if total == 0:
        return Section(_TITLE, notes=("No factor's values differ between good and other trials.",))
    rows = sorted(((name, scores[name] / total) for name in names), key=lambda row: -row[1])
    note = (
        f"What sets the {good} best of {fmt.count(len(values))} trials apart, by Optuna's "
        "PED-ANOVA; the shares add up to 100 %. Pruned trials count with their last value, "
        "diverged ones are left out."
    )
    numbers = tuple(sorted(trial.number for trial in judged))
    columns = (Column("factor"), Column("importance", "share"))
    table = Table("", columns, tuple(rows), (note,), (numbers,) * len(rows))
    return Section(_TITLE, (table,))


def _so_far(number: int) -> str:
    return "there are none" if number == 0 else f"there {'is' if number == 1 else 'are'} {number}"


def _scores(stage: StageResults, names: list[str], quantile: float) -> dict[str, float]:
    evaluator = _ped_anova()(target_quantile=quantile)
    with warnings.catch_warnings():
        # It warns of conditional factors that hardly occurred: their tables show it.
        warnings.simplefilter("ignore")
        return evaluator.evaluate(stage.judged_study(), params=names)


def _ped_anova() -> "type[PedAnovaImportanceEvaluator]":
    """Optuna's evaluator, without importing scikit-learn and SciPy.

    `import optuna.importance` costs more than a second, for the two evaluators that need
    scikit-learn. This one's module is imported beside a package that isn't executed, and which a
    later `import optuna.importance` finds untouched.
    """
    name = "optuna.importance"
    spec = importlib.util.find_spec(name)
    if name not in sys.modules and spec is not None:
        sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            module = importlib.import_module(f"{name}._ped_anova.evaluator")
        except ImportError:
            pass  # another version of Optuna has it elsewhere
        else:
            return module.PedAnovaImportanceEvaluator  # type: ignore[no-any-return]
        finally:
            del sys.modules[name]
    module = importlib.import_module(name)
    return module.PedAnovaImportanceEvaluator  # type: ignore[no-any-return]
