"""What became of an earlier study's configurations, in words."""

from collections.abc import Iterator, Sequence

from optisearch import space as spaces
from optisearch.reading import StageInfo
from optisearch.report import format
from optisearch.warm_start.configuration import Configuration, other_kinds


def changes(chosen: Sequence[Configuration], there: StageInfo, space: type) -> Iterator[str]:
    """What those that were carried over have otherwise than there, factor by factor."""
    yield from _at_the_baseline(chosen, there, space)
    yield from _without_place(chosen, there, space)


def misfits(left_out: Sequence[Configuration]) -> Iterator[str]:
    """Why these were left out, by the factor that they can't have here."""
    reasons: dict[str, list[Configuration]] = {}
    for each in left_out:
        for name in each.fit.misfits:
            reasons.setdefault(name, []).append(each)
    for name, group in reasons.items():
        example = f"{name}, as in trial {group[0].trial}" if len(group) > 1 else name
        yield f"left out {_trials(group)}: {example}: {group[0].fit.misfits[name]}"


def near(left_out: Sequence[Configuration]) -> Iterator[str]:
    """Which were left out because they would tell little that is new."""
    if left_out:
        yield f"left out {_trials(left_out)}: near to a better one"


def _at_the_baseline(
    chosen: Sequence[Configuration], there: StageInfo, space: type
) -> Iterator[str]:
    kinds = other_kinds(there, space)
    known = {factor.name for factor in there.factors} | set(there.fixed)
    new = []
    for name, factor in spaces.factors(space).items():
        filled = [each for each in chosen if name in each.fit.filled]
        setting = format.settings([(name, factor.baseline)])
        if not filled:
            continue
        if name not in known:
            new.append(setting)
        elif name in kinds:
            yield f"at the baseline, being of another kind there ({kinds[name]}): {setting}"
        else:
            yield f"at the baseline, having no value there in {_trials(filled)}: {setting}"
    if new:
        yield f"at the baseline, being new: {', '.join(new)}"


def _without_place(chosen: Sequence[Configuration], there: StageInfo, space: type) -> Iterator[str]:
    """Values of theirs that a trial here doesn't have."""
    held = spaces.fixed(space) | {
        name: factor.baseline
        for name, factor in spaces.factors(space).items()
        if not factor.searched
    }
    gone = []
    asked = {name for each in chosen for name in each.fit.factors} | set(spaces.factors(space))
    for factor in there.factors:
        name, group = factor.name, [each for each in chosen if factor.name in each.values]
        if name in held:
            group = [each for each in group if each.values[name] != held[name]]
            if group:
                setting = format.settings([(name, held[name])])
                yield f"not searched here, another value there in {_trials(group)}: {setting}"
        elif group and name not in asked:
            gone.append(format.text(name))
    if gone:
        yield f"no {'factor' if len(gone) == 1 else 'factors'} here: {', '.join(gone)}"


def _trials(group: Sequence[Configuration]) -> str:
    numbers = format.numbers(each.trial for each in group)
    return f"{'trial' if len(group) == 1 else 'trials'} {numbers}"
