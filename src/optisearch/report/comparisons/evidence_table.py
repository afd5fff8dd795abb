"""What was measured at each level, how it differs from the reference, and what was published."""

from collections.abc import Iterator
from typing import Any

from optisearch.report import format as fmt
from optisearch.report.comparisons import sentences
from optisearch.report.comparisons.finding import Finding
from optisearch.report.comparisons.lanes import Lane, ends, level_lane, table
from optisearch.report.table import Column, Kind, Table, Typed


def evidence_table(finding: Finding, title: str = "") -> Table:
    """A row per level, with the sentences that say what the rows do and don't show."""
    return table(
        title,
        _lanes(finding),
        sentences.below(finding),
        (row.numbers for row in finding.rows),
    )


def kind_of(finding: Finding) -> Kind:
    """Of what kind a comparison's measure is."""
    if finding.is_time:
        return "seconds"
    return "figure" if finding.measure in {"epochs_to_target", "parameters"} else "metric"


def reference_word(finding: Finding) -> str:
    """What the level is that the others are compared to."""
    results = finding.results
    is_baseline = results.is_baseline and finding.reference == results.reference
    return "baseline" if is_baseline else "reference"


def _lanes(finding: Finding) -> Iterator[Lane]:
    rows, estimates = finding.rows, finding.estimates
    found = [estimates[row.level] for row in rows]
    yield level_lane(finding.factor, rows)
    yield Column("reached" if finding.waits else "seeds", "count"), [each.n for each in found]
    if finding.waits:
        yield Column("of seeds", "count"), [each.n + each.diverged for each in found]
    diverged = [sum(trial.ending == "diverged" for trial in row.trials.values()) for row in rows]
    failed = [len({trial.cell for trial in row.failed}) for row in rows]
    for name, counts in (("diverged", diverged), ("failed", failed)):
        if any(counts):
            yield Column(name, "count"), counts
    kind = kind_of(finding)
    yield Column(f"mean {fmt.text(finding.measure)}", kind), [each.mean for each in found]
    spread: Kind = "seconds" if finding.is_time else "spread"
    yield Column("sd", spread), [each.sd for each in found]
    if finding.is_time:
        yield from _ratios(finding)
    else:
        yield Column("95 % interval", "interval"), [ends(each.low, each.high) for each in found]
        yield from _differences(finding)
    pairs = {pair.level: pair for pair in finding.compared.pairs}
    adjusted = [pairs[row.level].adjusted if row.level in pairs else None for row in rows]
    yield Column("p (Holm)", "p"), adjusted
    published = [finding.published.get(row.level) for row in rows]
    yield Column("published ratio" if finding.is_time else "published", "figure"), published
    judged = [finding.verdicts.get(row.level) for row in rows]
    yield Column("verdict"), [each.judgement if each else None for each in judged]


def _ratios(finding: Finding) -> Iterator[Lane]:
    found = [finding.ratios[row.level].estimate for row in finding.rows]
    name = f"ratio to {fmt.setting(finding.reference)}"
    yield Column(name, "figure"), [each.mean for each in found]
    intervals: list[Any] = [ends(each.low, each.high) for each in found]
    yield Column("its 95 % interval", "interval"), _named(finding, intervals)


def _differences(finding: Finding) -> Iterator[Lane]:
    pairs = {pair.level: pair.difference.estimate for pair in finding.compared.pairs}
    found = [pairs.get(row.level) for row in finding.rows]
    means: list[Any] = [each.mean if each else None for each in found]
    if any(mean is not None for mean in means):
        yield Column("difference", "difference"), _named(finding, means)
    intervals = [ends(each.low, each.high) if each else None for each in found]
    yield Column("its 95 % interval", "differences"), intervals


def _named(finding: Finding, cells: list[Any]) -> list[Any]:
    """The cells, and in the row that the others are compared to the word for it."""
    word = Typed(reference_word(finding), "text")
    return [
        word if row.level == finding.reference else cell
        for row, cell in zip(finding.rows, cells, strict=True)
    ]
