"""The winner against the baseline, on the part of the data that nothing was chosen by."""

from optisearch import reading
from optisearch.plan import Confirmation
from optisearch.reading import ContestantResults, StageResults
from optisearch.report import format as fmt
from optisearch.report.table import Column, Section, Table, Typed
from optisearch.statistics import Paired, estimate, paired_difference

_VALIDATION = "val_"
_HOW = (
    "Trained on the training and the validation part together, with fresh seeds; each model was "
    "evaluated on the test part once, after its last epoch. From … to: the 95 % interval of the "
    "mean (Student's t)."
)


def metric_name(stage: StageResults) -> str:
    """What the study's metric is called where the test part stands in for the validation part."""
    metric = stage.info.metric
    if metric.startswith(_VALIDATION):
        return f"test {metric.removeprefix(_VALIDATION)}"
    return metric  # a loop of the study's own reports whatever it measures


def section(stage: StageResults) -> Section | None:
    """What winner and baseline reached, and their difference."""
    rows = reading.confirmation(stage)
    if not rows:
        return None
    metric = metric_name(stage)
    columns = (
        Column(""),
        Column("seeds", "count"),
        Column(metric, "metric"),
        Column("sd", "metric"),
        Column("from", "metric"),
        Column("to", "metric"),
        Column("in the search", "metric"),
        Column("failed", "count"),
        Column("diverged", "count"),
        Column("settings"),
    )
    cells = tuple(_cells(row) for row in rows)
    table = Table(
        "",
        columns,
        cells,
        notes=tuple(_notes(stage, rows)),
        trials=tuple(row.numbers for row in rows),
    )
    return Section("On the test split", (table.without_empty("failed", "diverged"),))


def _cells(row: ContestantResults) -> tuple[object, ...]:
    found = estimate(row.values.values())
    return (
        row.contestant.name,
        found.n,
        found.mean,
        found.sd,
        found.low,
        found.high,
        row.contestant.value,
        len(row.failed),
        found.diverged,
        Typed(fmt.settings(row.contestant.point.items()), "text"),
    )


def _notes(stage: StageResults, rows: tuple[ContestantResults, ...]) -> list[str]:
    notes = [_HOW]
    missing = sum(row.planned - len(row.trials) for row in rows)
    if missing:
        notes.append(f"{fmt.amount(missing, 'seed')} not trained yet.")
    errors = {trial.error for row in rows for trial in row.failed if trial.error}
    notes += [f"Failed: {fmt.text(error.splitlines()[0])}." for error in sorted(errors)]
    plan = stage.plan
    assert isinstance(plan, Confirmation)
    if plan.earlier:
        numbers = fmt.numbers(each.trial for each in plan.earlier if each.trial is not None)
        notes.append(
            f"The test part was opened for other winners before (trials {numbers} of the search): "
            "the more often it is looked at, the less it says."
        )
    return notes


def _difference(stage: StageResults) -> Paired | None:
    """Winner minus baseline, seed by seed; None where the baseline won."""
    rows = {row.contestant.name: row.values for row in reading.confirmation(stage)}
    if "baseline" not in rows:
        return None
    return paired_difference(rows["winner"], rows["baseline"])


def answer(stage: StageResults) -> str:
    """The winner on the test part in a sentence, or why there is nothing to say yet."""
    rows = reading.confirmation(stage)
    if not rows or not rows[0].values:
        return "Nothing is confirmed yet: no model was evaluated on the test split."
    found, metric = estimate(rows[0].values.values()), metric_name(stage)
    if found.mean is None:
        return "The winner diverged with every seed."
    interval = _interval(found.low, found.high)
    return f"The winner reaches a {metric} of {fmt.metric(found.mean)}{interval}."


def evidence(stage: StageResults) -> tuple[str, ...]:
    """The difference to the baseline, and the settings."""
    rows = reading.confirmation(stage)
    if not rows or not rows[0].values:
        return ()
    winner = rows[0].contestant
    settings = fmt.settings(winner.point.items())
    sentences = [f"It is trial {winner.trial} of the search: {settings}."]
    if stage.info.unweighed:
        others = fmt.listing([fmt.text(each.name) for each in stage.info.unweighed])
        sentences.append(
            f"It was chosen by {fmt.text(stage.info.metric)} alone: {others} had no weight in it."
        )
    difference = _difference(stage)
    if difference is None:
        sentences.append("That is the baseline: the search found nothing better.")
    elif difference.estimate.mean is not None:
        sentences.append(_told(difference, maximize=stage.info.maximize))
    seeds = fmt.amount(len(rows[0].values), "fresh seed")
    sentences.append(f"{seeds}; nothing was chosen by the test split.")
    return tuple(sentences)


def _told(difference: Paired, *, maximize: bool) -> str:
    found = difference.estimate
    assert found.mean is not None
    better = (found.mean > 0) == maximize
    word = "better" if better else "worse"
    size = f"{fmt.metric(abs(found.mean))} {word} than the baseline"
    if found.low is None or found.high is None:
        return f"It is {size}; {found.no_interval}, so nothing says how sure that is."
    interval = _interval(found.low, found.high)
    if found.low <= 0 <= found.high:
        return f"It can't be told from the baseline: on average {size}{interval}."
    return f"It is {size}{interval}."


def _interval(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return f" (95 % interval {fmt.metric(low)} … {fmt.metric(high)})"
