"""The best configuration beside the baseline."""

import math
from typing import Any

from optisearch.reading import FactorInfo, StageInfo, StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report import time_to_accuracy
from optisearch.report.table import Column, Kind, Section, Table, Typed

_OFF = Typed("off", "text")
# Nearer to an end of its range than this part of it, a best value may lie outside.
_EDGE = 0.05


def section(stage: StageResults) -> Section | None:
    """The value, the cost and the settings of the best trial and of the baseline."""
    best, info = stage.best, stage.info
    if best is None:
        return None
    trials: list[TrialResult | None] = [best, stage.baseline] if info.declared else [best]
    columns = [Column(""), Column(f"best (trial {best.number})", "setting")]
    if info.declared:
        ran = f"trial {stage.baseline.number}" if stage.baseline else "not trained"
        columns.append(Column(f"baseline ({ran})", "setting"))
    rows = [(name, *cells) for name, *cells in _measured(info, trials)]
    rows += time_to_accuracy.rows(stage, trials)
    for factor in info.factors:
        cells = [_setting(factor, best)]
        if info.declared:
            cells.append(info.baseline().get(factor.name, _OFF))
        rows.append((factor.name, *cells))
    sources = tuple(trial.number for trial in trials if trial)
    table = Table(
        "",
        tuple(columns),
        tuple(rows),
        notes=tuple(_edges(info, best)),
        trials=(sources,) * len(rows),
    )
    return Section("Best configuration", (table,))


def _measured(info: StageInfo, trials: list[TrialResult | None]) -> list[tuple[Any, ...]]:
    def row(name: str, attribute: str, kind: Kind) -> tuple[Any, ...]:
        values = [getattr(trial, attribute, None) for trial in trials]
        return (name, *(None if value is None else Typed(value, kind) for value in values))

    rows = [
        row(info.metric, "value", "metric"),
        row("at its best epoch", "best_value", "metric"),
        row("training time", "seconds", "seconds"),
        row("time per epoch", "seconds_per_epoch", "seconds"),
        row("parameters", "parameters", "count"),
    ]
    return [cells for cells in rows if any(value is not None for value in cells[1:])]


def _setting(factor: FactorInfo, trial: TrialResult) -> Any:
    if factor.name in trial.params:
        return trial.params[factor.name]
    return _OFF if factor.searched else factor.baseline


def _edges(info: StageInfo, best: TrialResult) -> list[str]:
    found = []
    for factor in info.factors:
        value = best.params.get(factor.name)
        if not isinstance(value, int | float) or factor.low is None or factor.high is None:
            continue
        log = factor.log and factor.low > 0 and value > 0
        low, at, high = (math.log(x) if log else float(x) for x in (factor.low, value, factor.high))
        if high > low and not low + _EDGE * (high - low) <= at <= high - _EDGE * (high - low):
            span = f"{fmt.setting(factor.low)} … {fmt.setting(factor.high)}"
            found.append(
                f"{factor.name} is at the edge of its range {span}: a better value may lie outside."
            )
    return found
