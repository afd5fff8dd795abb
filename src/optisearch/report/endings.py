"""The trials that failed, were interrupted or lost, with their causes."""

from collections import defaultdict

from optisearch.reading import Ending, StageResults, TrialResult, unfinished
from optisearch.report import format as fmt
from optisearch.report.table import Column, Section, Table


def section(stage: StageResults, *, with_lost: bool = True) -> Section | None:
    """Failed, interrupted and lost trials, grouped by cause, the most frequent first.

    Args:
        stage: The stage.
        with_lost: Leave the lost ones out where they are told of one by one.
    """
    endings: tuple[Ending, ...] = ("failed", "interrupted", *(("lost",) if with_lost else ()))
    fates = {each.trial.number: each.fate for each in unfinished(stage)}
    groups: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for trial in stage.ended(*endings):
        fate = "repeated" if trial.superseded else fates.get(trial.number, "")
        groups[trial.ending, _cause(trial), fate].append(trial.number)
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
        (ending, len(members), fmt.numbers(members), fate, cause)
        for (ending, cause, fate), members in ordered
    )
    table = Table("", columns, rows, trials=tuple(tuple(members) for _, members in ordered))
    others = "lost" if with_lost else "interrupted"
    return Section(f"Failed and {others} trials", (table.without_empty("afterwards"),))


def _cause(trial: TrialResult) -> str:
    if trial.error:
        return fmt.text(trial.error.splitlines()[0])
    match trial.ending:
        case "interrupted":
            return "the worker was asked to stop"
        case "lost":
            return "the worker died"
    return "not recorded"
