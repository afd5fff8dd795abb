"""A report's trials as CSV: one row per trial, whatever became of it.

The columns: the stage, what `TrialResult` says of each trial, then `objectives_…` where there are
several, `metrics_…` and `params_…`, an empty cell where there is nothing. Numbers are written in
full, times in ISO 8601. A text that a spreadsheet would take for a formula (it begins with `=`,
`+`, `-`, `@`, a tab or a new line) is preceded by an apostrophe, as OWASP advises:
https://owasp.org/www-community/attacks/CSV_Injection.
"""

import csv
import io
from datetime import datetime
from typing import Any

from optisearch.report.table import Report
from optisearch.results import TrialResult

_COLUMNS = (
    "number",
    "ending",
    "value",
    "best_value",
    "best_epoch",
    "last_value",
    "last_epoch",
    "epochs_trained",
    "seconds",
    "seconds_per_epoch",
    "parameters",
    "seed",
    "worker",
    "started",
    "finished",
    "retry_of",
    "superseded",
    "error",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\n")


def render(report: Report) -> str:
    """The report's trials as CSV with a heading."""
    stages = [part.stage for part in report.leaves]
    trials = [trial for stage in stages for trial in stage.trials]
    # Of a study's stages the search alone has several, which the others are then without.
    aims = max((stage.info.objectives for stage in stages), key=len)
    objectives = [each.name for each in aims if len(aims) > 1]
    metrics = sorted({name for trial in trials for name in trial.metrics})
    params = [factor.name for factor in report.stage.info.factors]
    params += sorted({name for trial in trials for name in trial.params} - set(params))
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    heading = [
        "stage",
        *_COLUMNS,
        *(f"objectives_{name}" for name in objectives),
        *(f"metrics_{name}" for name in metrics),
        *(f"params_{n}" for n in params),
    ]
    writer.writerow(map(_safe, heading))
    for stage in stages:
        for trial in stage.trials:
            writer.writerow(
                map(_safe, [stage.info.name, *_row(trial, objectives, metrics, params)])
            )
    return target.getvalue()


def _row(
    trial: TrialResult, objectives: list[str], metrics: list[str], params: list[str]
) -> list[Any]:
    values = dict(zip(objectives, trial.values, strict=False))
    return [
        *(getattr(trial, name) for name in _COLUMNS),
        *(values.get(name) for name in objectives),
        *(trial.metrics.get(name) for name in metrics),
        *(trial.params.get(name) for name in params),
    ]


def _safe(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        return value
    # A lone carriage return would end the row for some readers.
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA) else text
