"""The best trials."""

from typing import Any

from optisearch.reading import StageInfo, StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report.table import Column, Section, Table

_LENGTH = 10


def section(stage: StageResults) -> Section | None:
    """The ten best completed trials."""
    top = stage.ranked[:_LENGTH]
    if not top:
        return None
    info = stage.info
    columns = (
        Column("trial", "count"),
        Column(info.metric, "metric"),
        Column("at its best epoch", "metric"),
        Column("epochs", "count"),
        Column("time", "seconds"),
        Column("differs from the baseline in" if info.declared else "settings"),
    )
    rows = tuple(
        (
            trial.number,
            trial.value,
            trial.best_value,
            trial.epochs_trained,
            trial.seconds,
            differences(info, trial),
        )
        for trial in top
    )
    notes = ["Pruned and diverged trials have no final value and are not ranked."]
    if stage.tally.pruned + stage.tally.diverged == 0:
        notes = []
    table = Table("", columns, rows, tuple(notes), tuple((trial.number,) for trial in top))
    return Section("Leaderboard", (table.without_empty("at its best epoch", "epochs"),))


def differences(info: StageInfo, trial: TrialResult) -> str:
    """What a trial has otherwise than the baseline; where nothing declares one, all it has."""
    baseline = info.baseline()
    changed = [
        _named(info, name, value)
        for name, value in info.ordered(trial.params)
        if name not in baseline or baseline[name] != value
    ]
    return ", ".join(changed) or ("nothing" if info.declared else "")


def _named(info: StageInfo, name: str, value: Any) -> str:
    """`learning_rate 0.0012`, but `rmsprop` alone: a word of one factor only explains itself."""
    owners = [factor.name for factor in info.factors if value in factor.options]
    # "none" is a word, but one of no meaning by itself; `dropout 0.3` may be a factor's too.
    vague = {"none", *(factor.name for factor in info.factors)}
    if isinstance(value, str) and value not in vague and owners == [name]:
        return fmt.setting(value)
    return fmt.settings([(name, value)])
