"""The order that published figures imply, judged. Levels with one figure have none among them."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

from optisearch.statistics import Order, Verdict, holm, judge_order
from optisearch.statistics.levels import Direction

# The levels said to be best, then those said to come next, …
Claim = tuple[tuple[Any, ...], ...]

_ALPHA = 0.05


def claimed(published: Mapping[Any, float], *, more_is_better: bool) -> Claim:
    """The levels by their published figures, the best first, equal ones together."""
    figures = sorted(set(published.values()), reverse=more_is_better)
    return tuple(
        tuple(level for level, figure in published.items() if figure == each) for each in figures
    )


def judge(
    values: Mapping[Any, Mapping[int, float]], claim: Claim, direction: Direction
) -> Order | None:
    """The judgement on a claimed order; None where it has but one place.

    Each level is held against those of the next place, as `statistics.judge_order` does it, by the
    same rule: all steps have to be shown for "holds", one reversed step, adjusted by Holm, makes
    "contradicted".
    """
    if len(claim) < 2:
        return None
    levels = [level for place in claim for level in place]
    whole = judge_order(values, levels, direction, alpha=_ALPHA)
    if len(levels) == len(claim):
        return whole
    couples = [couple for one, next_ in pairwise(claim) for couple in product(one, next_)]
    parts = [judge_order(values, couple, direction, alpha=_ALPHA) for couple in couples]
    steps = [part.steps[0] for part in parts]
    against = holm([1.0 if step.p_against is None else step.p_against for step in steps])
    adjusted = tuple(
        replace(step, p_against=None if step.p_against is None else p)
        for step, p in zip(steps, against, strict=True)
    )
    return Order(_verdict(parts, against), adjusted, whole.ranks)


def _verdict(parts: list[Order], against: list[float]) -> Verdict:
    worst = min(range(len(parts)), key=against.__getitem__)
    if against[worst] <= _ALPHA:
        return parts[worst].verdict
    open_ = [part for part in parts if part.verdict.judgement != "holds"]
    if not open_:
        return parts[0].verdict
    first = open_[0]
    if first.verdict.judgement == "undecided":
        return first.verdict
    step = first.steps[0]  # reversed by itself, but not among so many
    return Verdict("undecided", f"{step.first} and {step.second} can't be told apart")
