"""How each level's metric and losses developed: their means after some epochs."""

from collections.abc import Iterator

from optisearch.reading import LevelResults
from optisearch.reading.measures import curve
from optisearch.report import format as fmt
from optisearch.report.comparisons.finding import Finding
from optisearch.report.table import Column, Table, Typed
from optisearch.statistics import estimate

_LOSSES = ("loss", "val_loss")


def epochs_table(finding: Finding, title: str = "After some epochs") -> Table | None:
    """A row for each level and epoch.

    None where it would say nothing: before anything was trained, for a single epoch, where epochs
    are what is compared, and where other things than the study's metric are.
    """
    results = finding.results
    if results.planned.reads_one_run or finding.measure != results.metric:
        return None
    longest = max((len(t.history) for row in finding.rows for t in row.trials.values()), default=0)
    epochs = _chosen(longest)
    if len(epochs) < 2:
        return None
    metrics = tuple(dict.fromkeys((results.metric, *_LOSSES)))
    rows, sources = [], []
    for row in finding.rows:
        for epoch in epochs:
            means = list(_means(row, metrics, epoch))
            rows.append((Typed(row.level, "setting"), epoch, *means))
            sources.append(row.numbers)
    columns = (
        Column(fmt.text(finding.factor)),
        Column("epoch", "count"),
        *(Column(fmt.text(name), "metric") for name in metrics),
    )
    note = "Means over the seeds that were trained so far."
    told = Table(title, columns, tuple(rows), notes=(note,), trials=tuple(sources))
    return told.without_empty(*metrics)


def _chosen(longest: int) -> list[int]:
    """The first epoch, the last, and those after a quarter and half of them."""
    return sorted({1, -(-longest // 4), -(-longest // 2), longest}) if longest else []


def _means(row: LevelResults, metrics: tuple[str, ...], epoch: int) -> Iterator[float | None]:
    for metric in metrics:
        curves = (curve(trial, metric) for trial in row.trials.values())
        yield estimate(values[epoch] for values in curves if epoch in values).mean
