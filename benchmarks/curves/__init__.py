"""Which sampler and pruner reach a good point first? Searches replayed through recorded curves.

Every point of a grid of the real studies was trained once, its curve and its times recorded
(`record.py`; the tables lie in `tables/`). A search through such a table trains nothing, so that
thousands of them take minutes. The search is real: Optuna with this project's samplers and pruners,
over the study's own ranges; what it proposes is looked up at the nearest recorded point.

- **Target**: what one in a hundred trials of a random search ends with, or better (more than one
  where many end alike). It is reached when a trial that *completed* has it at its last epoch.
- **Seconds**: a simulated clock. An epoch takes the recorded CPU seconds of its point, and each
  trial the table's mean time for building and tracing beside. What sampler and pruner compute
  isn't on the clock but told beside it (*own ms a trial*); the database isn't either.
- **Budget**: the time in which a random search ends 200 trials. A search that missed the target by
  then counts with the budget: *seconds* are restricted means. So does one of `gp` after 100 trials.
- **Rank kept**: Spearman's correlation with the last epoch of the second one and of the last but
  one, among the best quarter of the points: what pruning can know.
- **Repeats** are seeds. All methods share them, and differences are paired by repeat. In brackets
  95 % intervals over the repeats: they don't speak for other studies than these.
"""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.curves.experiment import Plan, experiment
from benchmarks.curves.methods import METHODS, PUBLISHED, QUICK, Method
from benchmarks.curves.replay import Setting
from benchmarks.curves.report import markdown
from benchmarks.curves.table import FOLDER
from optisearch.errors import OptisearchError
from optisearch.samplers import check_sampler

REPEATS = 60
WORKERS = (1, 8)


def run(quick: bool) -> str:
    """The report as Markdown. A quick one has few methods, ten repeats and one worker."""
    return compare(10, QUICK, workers=(1,)) if quick else compare(REPEATS)


def compare(
    repeats: int,
    methods: Sequence[Method] = METHODS,
    *,
    workers: Sequence[int] = WORKERS,
    folder: Path = FOLDER,
    processes: int = 2,
) -> str:
    """Replay searches and tell about them.

    Args:
        repeats: How often each search is repeated.
        methods: What is compared; a method whose package isn't installed is left out.
        workers: The numbers of workers that share a search.
        folder: Where the tables are.
        processes: How many processes compute.

    Returns:
        Markdown.
    """
    usable = [method for method in methods if _is_usable(method)]
    plans = [
        Plan(path, Setting(count, epochs_searched=searched), tuple(method.name for method in those))
        for path in sorted(folder.glob("*.npz"))
        for searched, those in ((True, usable), (False, PUBLISHED))
        for count in workers
    ]
    # A default must do without the packages of an extra.
    eligible = [method.name for method in usable if method.sampler != "gp"]
    return markdown(experiment(plans, repeats, processes=processes), eligible)


def _is_usable(method: Method) -> bool:
    try:
        check_sampler(method.sampler)
    except OptisearchError:
        return False
    return True
