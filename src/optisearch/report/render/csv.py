"""A report's trials as CSV: one row per trial, whatever became of it (`report.trial_rows`).

An empty cell where there is nothing. Numbers are written in full, times in ISO 8601. A text that a
spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a new line) is
preceded by an apostrophe, as OWASP advises: https://owasp.org/www-community/attacks/CSV_Injection.
"""

import csv
import io
from datetime import datetime
from typing import Any

from optisearch.report.table import Report
from optisearch.report.trial_rows import columns, rows

_FORMULA = ("=", "+", "-", "@", "\t", "\n")


def render(report: Report) -> str:
    """The report's trials as CSV with a heading."""
    stages = [part.stage for part in report.leaves]
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(map(_safe, columns(stages)))
    for row in rows(stages):
        writer.writerow(map(_safe, row.values()))
    return target.getvalue()


def _safe(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        return value
    # A lone carriage return would end the row for some readers.
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA) else text
