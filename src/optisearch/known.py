"""`Study(known=…)`: configurations that a search tries first."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from optisearch import space as spaces
from optisearch.errors import Problem
from optisearch.space import fitting
from optisearch.space.factors import Scalar


def points(known: Sequence[Any], space: type) -> list[dict[str, Any]]:
    """The searched and active factors of each, in the order in which they are given.

    Args:
        known: Instances of the space, or mappings of what differs from its baseline. They have no
            problems.
        space: The space.
    """
    return [dict(fitting.fit(space, _values(each)).point) for each in known]


def problems(known: object, space: type) -> Iterator[Problem]:
    """Everything that is wrong with what a study knows.

    Args:
        known: What was given.
        space: The space, free of problems.
    """
    if isinstance(known, str | Mapping) or not isinstance(known, Sequence):
        yield Problem("known", f"{known!r} is no list", "give a list of configurations")
        return
    for place, given in enumerate(known):
        where = f"known[{place}]"
        for what, remedy in _problems(given, space):
            yield Problem(where, what, remedy)


def _problems(given: object, space: type) -> Iterator[tuple[str, str]]:
    name = space.__name__
    if spaces.has_own_suggest(space) and not isinstance(given, Mapping):
        yield f"{given!r} is no mapping", "give the values that `suggest` asks for by their names"
        return
    if not isinstance(given, Mapping | space):
        remedy = f"give {name}(…), or a mapping of what differs from {name}()"
        yield f"{given!r} is neither a point of {name} nor a mapping", remedy
        return
    values = _values(given)
    found = fitting.fit(space, values)
    for field, what in found.misfits.items():
        yield f"{field} {what}" if field == name else f"{field}: {what}", "correct it"
    for field, value in values.items():
        if field not in found.factors:
            yield from _without_place(field, value, found, space)


def _without_place(
    name: str, value: object, found: fitting.Fit, space: type
) -> Iterator[tuple[str, str]]:
    """A value that a search's trial can't have, unless it is what the trial has in any case."""
    declared, constant = spaces.factors(space), spaces.fixed(space)
    if spaces.has_own_suggest(space):
        if not found.misfits:  # else it may be asked for behind what is wrong
            yield f"`suggest` doesn't ask for {name!r} there", "leave it out"
    elif name in constant:
        if not _is(value, constant[name]):
            yield f"{name} is fixed at {constant[name]!r}", "give it a range, or leave it out"
    elif name not in declared:
        near = get_close_matches(str(name), {**declared, **constant}, 1)
        remedy = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(declared)}"
        yield f"{name!r} is no field of {space.__name__}", remedy
    elif not _is(value, declared[name].baseline) and not found.misfits:
        factor = declared[name]
        why = "has no meaning there" if factor.searched else "isn't searched"
        yield f"{name} {why}", f"leave it at its baseline, {factor.baseline!r}"


def _is(value: object, other: object) -> bool:
    """Whether two values are the same. Of arrays that only they themselves are."""
    return value is other or (isinstance(value, Scalar | tuple) and bool(value == other))


def _values(given: Any) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    return {item.name: getattr(given, item.name) for item in dataclasses.fields(given)}
