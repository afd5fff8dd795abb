"""Trials as rows, one a trial, whatever became of it: what CSV, data frames and Parquet hold.

The columns: the stage, what `TrialResult` says of each trial, then `objectives_…` where there are
several, `metrics_…` and `params_…`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from optisearch.reading import StageResults

_COLUMNS: Mapping[str, type] = {
    "number": int,
    "ending": str,
    "value": float,
    "best_value": float,
    "best_epoch": int,
    "last_value": float,
    "last_epoch": int,
    "epochs_trained": int,
    "seconds": float,
    "seconds_per_epoch": float,
    "parameters": int,
    "seed": int,
    "worker": str,
    "started": datetime,
    "finished": datetime,
    "retry_of": int,
    "superseded": bool,
    "error": str,
}
_OF_FACTORS = {"integer": int, "real": float}


def rows(stages: Sequence[StageResults]) -> Iterator[dict[str, Any]]:
    """The trials of some stages, column → value; None where there is nothing.

    All rows have the same columns, in the same order.
    """
    objectives, metrics, params = _objectives(stages), _metrics(stages), _params(stages)
    for stage in stages:
        for trial in stage.trials:
            values = dict(zip(objectives, trial.values, strict=False))
            yield {
                "stage": stage.info.name,
                **{name: getattr(trial, name) for name in _COLUMNS},
                **{f"objectives_{name}": values.get(name) for name in objectives},
                **{f"metrics_{name}": trial.metrics.get(name) for name in metrics},
                **{f"params_{name}": trial.params.get(name) for name in params},
            }


def columns(stages: Sequence[StageResults]) -> dict[str, type | None]:
    """The columns, also where there is no trial, with the types of their values.

    None where these are of any types: the options of a choice, say.
    """
    factors = {factor.name: factor for stage in stages[:1] for factor in stage.info.factors}
    kinds = {name: _OF_FACTORS.get(factor.kind) for name, factor in factors.items()}
    return {
        "stage": str,
        **_COLUMNS,
        **{f"objectives_{name}": float for name in _objectives(stages)},
        **{f"metrics_{name}": float for name in _metrics(stages)},
        **{f"params_{name}": kinds.get(name) for name in _params(stages)},
    }


def _objectives(stages: Sequence[StageResults]) -> list[str]:
    """Those of the search, where it has several: the other stages have the first one alone."""
    found = max((stage.info.objectives for stage in stages), key=len, default=())
    return [each.name for each in found if len(found) > 1]


def _metrics(stages: Sequence[StageResults]) -> list[str]:
    return sorted({name for stage in stages for trial in stage.trials for name in trial.metrics})


def _params(stages: Sequence[StageResults]) -> list[str]:
    """As they were declared; others behind them."""
    declared = [factor.name for stage in stages[:1] for factor in stage.info.factors]
    found = {name for stage in stages for trial in stage.trials for name in trial.params}
    return declared + sorted(found - set(declared))
