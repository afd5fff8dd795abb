"""A search told: its tables, each with the figures that stand beside it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from optisearch.reading import StageResults
from optisearch.report import (
    best,
    endings,
    factors,
    importance,
    leaderboard,
    pareto_front,
    progress,
    time_to_accuracy,
)
from optisearch.report.figure import Figure
from optisearch.report.figures import (
    factor_axes,
    history,
    isolation,
    learning,
    losses,
    parallel,
    pareto,
)
from optisearch.report.table import Section

# In the order in which they are read. None: there is nothing to say.
TABLES: tuple[Callable[[StageResults], Section | None], ...] = (
    best.section,
    pareto_front.section,
    leaderboard.section,
    time_to_accuracy.section,
    factors.section,
    importance.section,
    progress.section,
    endings.section,
)

# Whose tables they stand beside, in the order in which they are looked at. Where that section has
# nothing to say, its figures haven't either. Importance has none: its table is drawn with bars.
FIGURES: tuple[
    tuple[Callable[[StageResults], Section | None], Callable[[StageResults], Sequence[Figure]]], ...
] = (
    (best.section, learning.figures),
    (best.section, losses.figures),
    (pareto_front.section, pareto.of_objectives),
    (leaderboard.section, history.figures),
    (leaderboard.section, pareto.figures),
    (leaderboard.section, parallel.figures),
    (factors.section, factor_axes.figures),
    (factors.section, isolation.figures),
)


def sections(stage: StageResults) -> tuple[Section, ...]:
    """All there is to say about a search at this moment, however little that is."""
    told = (_illustrated(section, stage) for section in TABLES)
    return tuple(section for section in told if section)


def _illustrated(
    section: Callable[[StageResults], Section | None], stage: StageResults
) -> Section | None:
    told = section(stage)
    if told is None:
        return None
    shown = [figure for owner, figures in FIGURES if owner is section for figure in figures(stage)]
    return replace(told, figures=(*told.figures, *shown))
