"""How far the stage is, and where its time went."""

from collections.abc import Sequence
from typing import get_args

from optisearch.reading import Ending, StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report.table import Column, Section, Table


def section(stage: StageResults) -> Section | None:
    """The trials by ending, with the epochs and the time they took."""
    if not stage.trials:
        return None
    groups: list[tuple[str, Sequence[TrialResult]]] = [
        (ending, trials) for ending in get_args(Ending) if (trials := stage.ended(ending))
    ]
    groups.append(("all", stage.trials))
    columns = (Column(""), Column("trials", "count"), Column("epochs", "count"))
    rows = tuple((name, len(trials), *_cost(trials)) for name, trials in groups)
    sources = tuple(tuple(trial.number for trial in trials) for _, trials in groups)
    table = Table("", (*columns, Column("training time", "seconds")), rows, trials=sources)
    return Section("Progress", (table.without_empty("epochs"),), _left(stage))


def _cost(trials: Sequence[TrialResult]) -> tuple[int | None, float | None]:
    epochs = [trial.epochs_trained for trial in trials if trial.epochs_trained is not None]
    spent = [trial.seconds for trial in trials if trial.seconds is not None]
    return sum(epochs) if epochs else None, sum(spent) if spent else None


def _left(stage: StageResults) -> tuple[str, ...]:
    progress = stage.progress()
    if not progress.total:
        return ()
    if stage.plan is not None:
        cells = fmt.amount(progress.total, "cell")
        seeds = fmt.amount(stage.info.seeds or 0, "seed")
        return (f"{fmt.count(progress.done)} of {cells} are trained ({seeds} for each row).",)
    budget = fmt.amount(progress.total, "trial")
    if progress.left == 0:
        return (f"The budget of {budget} is used up.",)
    return (f"{fmt.count(progress.left)} of the budget of {budget} are left.",)
