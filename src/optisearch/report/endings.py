"""The trials that failed or were lost, with their causes."""

from collections import defaultdict

from optisearch.report import format as fmt
from optisearch.report.table import Column, Section, Table
from optisearch.results import StageResults, TrialResult


def section(stage: StageResults) -> Section | None:
    """Failed, interrupted and lost trials, grouped by cause, the most frequent first."""
    groups: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for trial in stage.ended("failed", "interrupted", "lost"):
        groups[trial.ending, _cause(trial), _sequel(trial)].append(trial.number)
    if not groups:
        return None
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[1]))
    columns = (
        Column("ending"),
        Column("trials", "count"),
        Column("numbers"),
        Column("afterwards"),
        Column("cause"),
    )
    rows = tuple(
        (ending, len(members), fmt.numbers(members), sequel, cause)
        for (ending, cause, sequel), members in ordered
    )
    table = Table("", columns, rows, trials=tuple(tuple(members) for _, members in ordered))
    return Section("Failed and lost trials", (table.without_empty("afterwards"),))


def _cause(trial: TrialResult) -> str:
    if trial.error:
        return fmt.text(trial.error.splitlines()[0])
    worker = f" {trial.worker}" if trial.worker else ""
    match trial.ending:
        case "interrupted":
            return f"worker{worker} was asked to stop"
        case "lost":
            return f"worker{worker} died"
    return "not recorded"


def _sequel(trial: TrialResult) -> str:
    if trial.superseded:
        return "repeated"
    return "" if trial.ending == "failed" else "to be repeated"
