"""One table per factor: what was seen at each of its levels."""

from collections.abc import Iterator, Sequence
from statistics import median

from optisearch.report.bins import levels
from optisearch.report.table import Column, Section, Table
from optisearch.results import FactorInfo, StageResults, TrialResult

_CAVEAT = (
    "The sampler visits promising levels more often and at better settings of the other factors: "
    "these tables are observations, not a controlled comparison of the levels."
)
_READING = (
    "trials: all that were trained; best and median: of the completed ones, without the pruned and "
    "the diverged."
)


def section(stage: StageResults) -> Section | None:
    """One table per factor."""
    if not stage.trained or not stage.info.factors:
        return None
    tables = [
        factor_table(stage, factor)
        for factor in stage.info.factors
        if any(factor.name in trial.params for trial in stage.trained)
    ]
    return Section("Factors", tables, (_READING, _CAVEAT)) if tables else None


def factor_table(stage: StageResults, factor: FactorInfo) -> Table:
    """A row per level; one more for the trials in which the factor was switched off."""
    active = [trial for trial in stage.trained if factor.name in trial.params]
    groups = [
        (level.label, [active[position] for position in level.members])
        for level in levels(factor, [trial.params[factor.name] for trial in active])
    ]
    off = [trial for trial in stage.trained if factor.name not in trial.params]
    if off:
        groups.append(("(off)", off))
    columns = (
        Column(factor.name),
        Column("trials", "count"),
        Column("pruned", "count"),
        Column("diverged", "count"),
        Column("best", "metric"),
        Column("best trial", "count"),
        Column("median", "metric"),
        Column("seconds per epoch", "seconds"),
    )
    rows = tuple((label, *_row(stage, trials)) for label, trials in groups)
    sources = tuple(tuple(trial.number for trial in trials) for _, trials in groups)
    return Table("", columns, rows, trials=sources).without(*_unused(stage))


def _unused(stage: StageResults) -> Iterator[str]:
    """The columns that no factor needs, so that all tables have the same."""
    if not stage.tally.pruned:
        yield "pruned"
    if not stage.tally.diverged:
        yield "diverged"
    if all(trial.seconds_per_epoch is None for trial in stage.trained):
        yield "seconds per epoch"


def _row(stage: StageResults, trials: Sequence[TrialResult]) -> tuple[float | None, ...]:
    members = {trial.number for trial in trials}
    ranked = [trial for trial in stage.ranked if trial.number in members]
    values = [trial.value for trial in ranked if trial.value is not None]
    paces = [trial.seconds_per_epoch for trial in trials if trial.seconds_per_epoch is not None]
    return (
        len(trials),
        sum(trial.ending == "pruned" for trial in trials),
        sum(trial.ending == "diverged" for trial in trials),
        ranked[0].value if ranked else None,
        ranked[0].number if ranked else None,
        median(values) if values else None,
        median(paces) if paces else None,
    )
