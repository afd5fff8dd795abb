"""One section for each comparison, both of its halves in it."""

from collections.abc import Iterator
from itertools import groupby

from optisearch.reading import StageResults
from optisearch.report import format as fmt
from optisearch.report.comparisons.cost_table import cost_table
from optisearch.report.comparisons.epochs_table import epochs_table
from optisearch.report.comparisons.evidence_table import evidence_table
from optisearch.report.comparisons.figures import figures
from optisearch.report.comparisons.finding import Finding, findings
from optisearch.report.comparisons.settings import settings
from optisearch.report.comparisons.tuning_table import tuning_table
from optisearch.report.table import Section, Table


def sections(stage: StageResults) -> tuple[Section, ...]:
    """The comparisons in the order of the study."""
    halves = groupby(findings(stage), key=lambda finding: finding.results.planned.name)
    return tuple(_section(list(found), stage) for _, found in halves)


def heading(finding: Finding) -> str:
    """A comparison's own title, or its name and what is measured."""
    planned = finding.results.planned
    return fmt.text(planned.title or f"{planned.name}: {planned.measure}")


def _section(halves: list[Finding], stage: StageResults) -> Section:
    tables = [table for finding in halves for table in _tables(finding, stage)]
    notes = []
    if not tables:
        _, planned = halves[0].cells
        notes = [f"Nothing has been measured yet: {fmt.amount(planned, 'cell')} are to be trained."]
    shown = [figure for finding in halves for figure in figures(finding)]
    return Section(heading(halves[0]), tables, (*notes, *settings(halves[0], stage.info)), shown)


def _tables(finding: Finding, stage: StageResults) -> Iterator[Table]:
    tried = any(row.trials or (row.failed and row.point is not None) for row in finding.rows)
    title = "Convergence and cost"
    if finding.tuned:
        if not any(row.tuning and row.tuning.cells for row in finding.rows):
            return
        yield tuning_table(finding, stage, "Tuned: what was chosen")
    if not tried:
        return
    same = "At the same settings for all" if finding.results.planned.tune else ""
    yield evidence_table(finding, "Tuned: with fresh seeds" if finding.tuned else same)
    costs = cost_table(finding, f"Tuned: {title.lower()}" if finding.tuned else title)
    if costs is not None:
        yield costs
    title = "After some epochs"
    course = epochs_table(finding, f"Tuned: {title.lower()}" if finding.tuned else title)
    if course is not None:
        yield course
