"""At which settings a comparison was made."""

from collections.abc import Iterator

from optisearch.reading import StageInfo
from optisearch.report import format as fmt
from optisearch.report.comparisons.finding import Finding


def settings(finding: Finding, info: StageInfo) -> Iterator[str]:
    """What all rows have in common, and what moments of one run have."""
    planned = finding.results.planned
    left_out = {planned.factor, *(planned.tune if finding.tuned else ())}
    points = [row.point for row in finding.rows if row.point is not None]
    common = {
        name: value
        for name, value in (points[0] if points else {}).items()
        if name not in left_out and all(name in point and point[name] == value for point in points)
    }
    based = [pair for pair in info.ordered(common) if pair[0] in planned.base]
    other = [pair for pair in info.ordered(common) if pair[0] not in planned.base]
    if based or other:
        also = " (which isn't the baseline's)" if based else ""
        parts = [f"{fmt.settings(based)}{also}"] if based else []
        parts += [fmt.settings(other)] if other else []
        tuned = (
            f"; the tuned rows with {fmt.listing(planned.tune)} as chosen" if planned.tune else ""
        )
        yield f"All rows at {', '.join(parts)}{tuned}."
    if planned.reads_one_run:
        yield (
            f"All rows are moments of one run of {fmt.count(max(planned.levels))} epochs for each "
            "seed, not runs of their own."
        )
