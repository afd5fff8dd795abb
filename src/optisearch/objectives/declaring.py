"""What a study names as `maximize` and `minimize`, as objectives; and what is wrong with it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from optisearch.errors import Problem
from optisearch.objectives.objective import COSTS, TO_TARGET, Direction, Objective

Names = str | Sequence[str]

# With more, nearly every trial is on the front: none is as good as another in all of them.
_MOST = 4


def declared(
    maximize: Names, minimize: Names, target: float | None = None
) -> tuple[Objective, ...]:
    """The objectives, the monitored one first: the first that each epoch reports.

    Args:
        maximize: The name of one, the names of several, or empty.
        minimize: Likewise.
        target: The value of the monitored metric that `…_to_target` waits for.
    """
    named = [
        Objective(name, direction, target if name in TO_TARGET else None)
        for direction, name in _named(maximize, minimize)
    ]
    return tuple(sorted(named, key=lambda each: each is not _monitored(named)))


def problems(maximize: Names, minimize: Names, target: float | None) -> Iterator[Problem]:
    """All that is wrong with what a study names."""
    named = list(_named(maximize, minimize))
    if not named:
        yield Problem(
            "maximize",
            "neither `maximize` nor `minimize` is given",
            'name the metric: maximize="val_accuracy" or minimize="val_loss"',
        )
    wrong = [(direction, name) for direction, name in named if not _is_name(name)]
    for direction, name in wrong:
        yield Problem(direction, f"{name!r} is no name", "name a metric, or several in a tuple")
    if named and not wrong:
        yield from _misplaced(named, target)


def _misplaced(named: Sequence[tuple[Direction, str]], target: float | None) -> Iterator[Problem]:
    """What is wrong with names that are some."""
    for name, times in Counter(name for _, name in named).items():
        if times > 1:
            yield Problem("minimize", f"{name!r} is named {times} times", "name it once")
    for direction, name in named:
        if direction == "maximize" and name in COSTS:
            yield Problem("maximize", f"{name!r} is a cost", f"give it as minimize={name!r}")
        if name in TO_TARGET and target is None:
            yield Problem("target", f"{name!r} needs one", "give a number: target=0.97")
    if all(name in COSTS for _, name in named):
        costs = " and ".join(repr(name) for _, name in named)
        yield Problem(
            "maximize",
            f"{costs} alone: no epoch reports anything that a trial could be pruned by",
            'add a metric of the epochs: maximize="val_accuracy"',
        )
    if len(named) > _MOST:
        yield Problem("minimize", f"{len(named)} objectives are named", f"name {_MOST} at most")


def _named(maximize: Names, minimize: Names) -> Iterator[tuple[Direction, str]]:
    directions: tuple[tuple[Direction, Names], ...] = (
        ("maximize", maximize),
        ("minimize", minimize),
    )
    for direction, names in directions:
        given = names if isinstance(names, Sequence) and not isinstance(names, str) else [names]
        yield from ((direction, name) for name in given if name != "")


def _monitored(named: Sequence[Objective]) -> Objective | None:
    return next((each for each in named if not each.is_cost), None)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip())
