"""The pictures of a comparison: its levels beside each other, and how they learned."""

import math
from collections.abc import Iterator, Mapping, Sequence

from optisearch.reading import LevelResults, TrialResult
from optisearch.reading.measures import curve
from optisearch.report import format as fmt
from optisearch.report.comparisons.evidence_table import kind_of, reference_word
from optisearch.report.comparisons.finding import Finding
from optisearch.report.figure import Axis, Bar, Bars, Curve, Curves, Figure, Role
from optisearch.statistics import estimate

_BAND = "Lines: the mean over the seeds that completed; bands: its 95 % interval."
_ENDS = "A line ends where the first of its seeds stopped."


def figures(finding: Finding) -> Iterator[Figure]:
    """Those that there are numbers for."""
    if any(found.n for found in finding.estimates.values()):
        yield _bars(finding)
    learned = _learning(finding)
    if learned is not None:
        yield learned
    if finding.factor == "loss" or finding.measure.removeprefix("val_") == "loss":
        yield from _losses(finding)


def _bars(finding: Finding) -> Bars:
    ratios = finding.is_time and bool(finding.published)
    shown = (
        {level: ratio.estimate for level, ratio in finding.ratios.items()}
        if ratios
        else finding.estimates
    )
    bars = tuple(
        Bar(
            fmt.setting(row.level),
            _finite(shown[row.level].mean),
            shown[row.level].low,
            shown[row.level].high,
            mark=finding.published.get(row.level),
            role=_role(finding, row),
            trials=row.numbers,
            note=fmt.amount(shown[row.level].n, "seed"),
        )
        for row in finding.rows
    )
    measure = fmt.text(finding.measure)
    what = f"{measure}, ratio to {fmt.setting(finding.reference)}" if ratios else measure
    kind = "figure" if ratios else kind_of(finding)
    listed = [f"{bar.label} {fmt.cell(bar.value, kind)}" for bar in bars]
    return Bars(
        title=f"{_title(finding)}: {what}",
        summary=f"Mean {what} by {fmt.text(finding.factor)}: {fmt.listing(listed)}.",
        value=Axis(what, kind, better="higher" if finding.more_is_better else "lower"),
        bars=bars,
        interval="95 % interval of the mean" if any(bar.low is not None for bar in bars) else "",
        mark="published" if finding.published else "",
        from_zero=finding.is_time,
    )


def _learning(finding: Finding) -> Curves | None:
    """The study's metric over the epochs, a line for each level."""
    results, rows = finding.results, finding.rows
    one_run = results.planned.reads_one_run
    if one_run:  # all rows are moments of it
        rows = (max(rows, key=lambda row: row.level),)
    names = ["every seed's run" if one_run else fmt.setting(row.level) for row in rows]
    curves = [
        line
        for row, name in zip(rows, names, strict=True)
        if (line := _line(name, row, results.metric, _role(finding, row)))
    ]
    if not curves or max(len(line.x) for line in curves) < 2:
        return None
    last = fmt.listing([f"{line.name} {fmt.metric(line.y[-1] or 0.0)}" for line in curves])
    metric = fmt.text(results.metric)
    return Curves(
        title=f"{_title(finding)}: {metric} over the epochs",
        summary=f"Mean {metric} by epoch. At the end of each line: {last}.",
        notes=(_BAND, _ENDS),
        x=Axis("epoch", "count"),
        y=Axis(metric, "metric", better="higher" if results.maximize else "lower"),
        curves=tuple(curves),
    )


def _losses(finding: Finding) -> Iterator[Curves]:
    """Training beside validation loss, a figure for each level."""
    rows = finding.rows
    if finding.results.planned.reads_one_run:
        rows = (max(rows, key=lambda row: row.level),)
    for row in rows:
        level = fmt.setting(row.level)
        training = _line("training", row, "loss", "plain", dashed=True)
        validation = _line("validation", row, "val_loss", "best")
        if training is None or validation is None or len(training.x) < 2:
            continue
        ends = [fmt.metric(line.y[-1] or 0.0) for line in (training, validation)]
        yield Curves(
            title=f"{_title(finding)}: loss of {fmt.text(finding.factor)} {level}",
            summary=f"The loss ends at {ends[0]} in training and {ends[1]} in validation.",
            notes=(_BAND, _ENDS),
            small=True,
            x=Axis("epoch", "count"),
            y=Axis("loss", "metric", better="lower"),
            curves=(training, validation),
        )


def _line(
    name: str, row: LevelResults, metric: str, role: Role, *, dashed: bool = False
) -> Curve | None:
    """The mean over seeds with its interval, as long as all of them trained."""
    trials = [trial for trial in row.trials.values() if trial.ending == "completed"]
    values = [curve(trial, metric) for trial in trials]
    common = _common(values)
    if not common:
        return None
    found = [estimate(each[epoch] for each in values) for epoch in common]
    banded = any(each.low is not None for each in found)
    return Curve(
        name,
        tuple(float(epoch) for epoch in common),
        tuple(each.mean for each in found),
        low=tuple(each.low for each in found) if banded else (),
        high=tuple(each.high for each in found) if banded else (),
        role=role,
        dashed=dashed,
        trials=_numbers(trials),
    )


def _common(values: Sequence[Mapping[int, float]]) -> list[int]:
    if not values:
        return []
    return sorted(set(values[0]).intersection(*values[1:]))


def _numbers(trials: Sequence[TrialResult]) -> tuple[int, ...]:
    return tuple(trial.number for trial in trials)


def _role(finding: Finding, row: LevelResults) -> Role:
    marked = row.level == finding.reference and reference_word(finding) == "baseline"
    return "baseline" if marked else "plain"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _title(finding: Finding) -> str:
    half = ", tuned" if finding.tuned else ""
    return f"{fmt.text(finding.results.planned.name)}{half}"
