"""Which method is the default: chosen by one half of the evidence, confirmed by the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.curves.experiment import Searches
from optisearch.statistics import Paired, paired_difference


@dataclass(frozen=True)
class Choice:
    """A method that was best in one part of the searches, and what the other part says of it.

    Attributes:
        method: Its name.
        against: Another method → how much later than it the chosen one reaches the target, in the
            part that had no say in the choice, as shares of the budget. The least of several is
            flattered by chance; this isn't.
    """

    method: str
    against: dict[str, Paired]


def shares(searches: Sequence[Searches], method: str) -> dict[int, float]:
    """Repeat → time to the target as a share of the budget, the mean of all tables and settings."""
    rows = [(each.budget, each.times(method)) for each in searches]
    return {
        repeat: fmean(times[repeat] / budget for budget, times in rows) for repeat in rows[0][1]
    }


def by_repeats(searches: Sequence[Searches], methods: Sequence[str]) -> Choice:
    """Choose by the even repeats, confirm by the odd ones."""
    return _chosen(
        methods,
        lambda method: _every_other(shares(searches, method), 0),
        lambda method: _every_other(shares(searches, method), 1),
    )


def by_study(searches: Sequence[Searches], methods: Sequence[str], *, confirmed_on: str) -> Choice:
    """Choose by the other studies, confirm on this one."""
    others = [each for each in searches if each.table.study != confirmed_on]
    own = [each for each in searches if each.table.study == confirmed_on]
    return _chosen(
        methods, lambda method: shares(others, method), lambda method: shares(own, method)
    )


def _chosen(
    methods: Sequence[str],
    choosing: Callable[[str], dict[int, float]],
    confirming: Callable[[str], dict[int, float]],
) -> Choice:
    best = min(methods, key=lambda method: fmean(choosing(method).values()))
    mine = confirming(best)
    rest = (method for method in methods if method != best)
    return Choice(best, {method: paired_difference(mine, confirming(method)) for method in rest})


def _every_other(values: dict[int, float], first: int) -> dict[int, float]:
    return {repeat: value for repeat, value in values.items() if repeat % 2 == first}
