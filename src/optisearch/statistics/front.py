"""The Pareto front: those that nothing else beats."""

from collections.abc import Sequence

import numpy as np


def front(losses: Sequence[Sequence[float]]) -> list[int]:
    """Which points none dominates, in ascending order.

    One dominates another if it is at least as good in each objective, and better in one. Of equal
    points none dominates the other.

    Takes time in proportion to the points times those on the front.

    Args:
        losses: A row for each point, a column for each objective; less is better. May be infinite.
    """
    if not losses:
        return []
    found: list[int] = []
    points = np.asarray(losses, dtype=float)
    # In this order none is dominated by a later one, so what is first of what is left is on it.
    left = np.lexsort(points.T[::-1])
    while left.size:
        rest, first = points[left], points[left[0]]
        found += left[(rest == first).all(axis=1)].tolist()
        left = left[(rest < first).any(axis=1)]
    return sorted(found)
