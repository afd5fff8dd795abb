"""A report as JSON: words, tables and figures with their raw values, every trial's history.

Strict JSON on one line: numbers that aren't finite are the words "inf", "-inf" and "nan".
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from optisearch.reading import TrialResult
from optisearch.report.table import Report, Section, Typed

_FORMAT = 1


def render(report: Report) -> str:
    """The report as one JSON object; of several stages, with one in `parts` for each."""
    told: dict[str, Any] = {"format": _FORMAT, **_words(report)}
    told |= {"parts": [_stage(part) for part in report.parts]} if report.parts else _stage(report)
    return json.dumps(_strict(told), allow_nan=False, ensure_ascii=False) + "\n"


def _words(report: Report) -> dict[str, Any]:
    return {
        "title": report.title,
        "about": report.about,
        "answer": report.answer,
        "evidence": report.evidence,
    }


def _stage(report: Report) -> dict[str, Any]:
    return {
        **_words(report),
        "info": asdict(report.stage.info),
        "tally": asdict(report.stage.tally),
        "sections": [_section(section) for section in report.sections],
        "trials": [_trial(trial) for trial in report.stage.trials],
    }


def _section(section: Section) -> dict[str, Any]:
    tables = [
        {
            "title": table.title,
            "columns": [asdict(column) for column in table.columns],
            "rows": table.rows,
            "trials": table.trials,
            "notes": table.notes,
        }
        for table in section.tables
    ]
    figures = [{"kind": type(each).__name__.lower()} | asdict(each) for each in section.figures]
    return {"title": section.title, "tables": tables, "notes": section.notes, "figures": figures}


def _trial(trial: TrialResult) -> dict[str, Any]:
    return {item.name: getattr(trial, item.name) for item in fields(trial)}


def _strict(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, Typed):
        return _strict(value.value)
    if isinstance(value, Mapping):
        return {str(key): _strict(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_strict(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else str(value)
