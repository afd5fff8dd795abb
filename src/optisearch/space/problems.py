"""Everything that can be wrong with a space, found at once."""

import dataclasses
from collections.abc import Iterator, Mapping

from optisearch.errors import Problem
from optisearch.space.factors import Choice, Factor
from optisearch.space.points import factors, has_own_suggest

# `seed` is a parameter of the compare and confirm stages.
RESERVED = frozenset({"seed"})
# optuna.storages RDB: study_name, param_name and attribute keys are VARCHAR(512).
_NAME_LENGTH = 512


def problems(space: object) -> list[Problem]:
    """Everything that is wrong with a space."""
    if not isinstance(space, type) or not dataclasses.is_dataclass(space):
        return [
            Problem("space", f"{space!r} is no dataclass", "decorate it: @dataclass(frozen=True)")
        ]
    found: list[Problem] = []
    if not space.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # typeshed hides it
        found.append(
            Problem(space.__name__, "the dataclass isn't frozen", "@dataclass(frozen=True)")
        )
    found += [
        Problem(item.name, "it has no value", "give it a value or a range")
        for item in dataclasses.fields(space)
        if item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
    ]
    if not found:
        found += _baseline_problems(space)
    declared = factors(space)
    for factor in declared.values():
        found += _name_problems(factor)
        found += factor.range_problems()
        found += _condition_problems(factor, declared, space)
    found += _cycle_problems(declared)
    if not has_own_suggest(space) and not any(factor.searched for factor in declared.values()):
        found.append(
            Problem(
                space.__name__, "nothing is searched", "give a field a range: real(…), choice(…)"
            )
        )
    return found


def _baseline_problems(space: type) -> Iterator[Problem]:
    try:
        space()
    except Exception as error:
        yield Problem(
            space.__name__,
            f"{space.__name__}() raises {type(error).__name__}: {error}",
            "let it accept its own baseline",
        )


def _name_problems(factor: Factor) -> Iterator[Problem]:
    if factor.name in RESERVED:
        yield factor.problem("the name is OptiSearch's own", "choose another name")
    if len(factor.name) > _NAME_LENGTH:
        yield factor.problem(
            f"the name has {len(factor.name)} characters",
            f"Optuna holds {_NAME_LENGTH}: shorten it",
        )


def _condition_problems(
    factor: Factor, declared: Mapping[str, Factor], space: type
) -> Iterator[Problem]:
    names = [item.name for item in dataclasses.fields(space)]
    for name, accepted in factor.when.items():
        if name not in names:
            yield factor.problem(
                f"`when` names {name!r}, which is no field of {space.__name__}",
                f"use one of {', '.join(other for other in names if other != factor.name)}",
            )
            continue
        if not accepted:
            yield factor.problem(
                f"`when` accepts no value of {name}", "name those that switch it on"
            )
        parent = declared.get(name)
        if isinstance(parent, Choice):
            for value in accepted:
                if value not in parent.options:
                    yield factor.problem(
                        f"`when` accepts {name}={value!r}, which is no option of it",
                        f"use one of {parent.describe()}",
                    )


def _cycle_problems(declared: Mapping[str, Factor]) -> Iterator[Problem]:
    reported: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> Iterator[Problem]:
        if name in path:
            cycle = path[path.index(name) :]
            if not reported.intersection(cycle):
                reported.update(cycle)
                yield Problem(
                    name,
                    f"the conditions go round in a circle: {' → '.join((*cycle, name))}",
                    "remove one of the `when`s",
                )
            return
        if name in declared:
            for parent in declared[name].when:
                yield from walk(parent, (*path, name))

    for name in declared:
        yield from walk(name, ())
