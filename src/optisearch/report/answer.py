"""The first screen: one sentence, and the lines it stands on."""

from collections.abc import Iterator

from optisearch.reading import StageInfo, StageResults, TrialResult
from optisearch.report import format as fmt
from optisearch.report import given, pareto_front

_NOT_ADAPTIVE = frozenset({"random", "qmc", "grid", "brute_force"})


def about(info: StageInfo) -> tuple[str, ...]:
    """The stage, its metric and its data, a line each."""
    aims = [
        f"{fmt.text(each.name)}, {'higher' if each.maximize else 'lower'} is better"
        for each in info.objectives
    ]
    lines = [" · ".join([fmt.text(info.name), *aims])]
    sizes = info.data.get("sizes") or {}
    if info.data:
        parts = [f"{fmt.count(size)} {part}" for part, size in sizes.items() if size]
        lines.append(" · ".join([fmt.text(info.data.get("name", "data")), *parts]))
    if info.data.get("note"):
        lines.append(fmt.text(info.data["note"]))
    return tuple(lines)


def answer(stage: StageResults) -> str:
    """The best configuration in a sentence, or why there is none yet."""
    best, tally = stage.best, stage.tally
    if best is not None and best.value is not None:
        found = f"Best {stage.info.metric} {fmt.metric(best.value)} in trial {best.number}"
        chosen = fmt.settings(stage.info.ordered(best.params))
        return f"{found}: {chosen}." if chosen else f"{found}."
    if tally.trained + tally.failed + tally.lost + tally.to_be_retried == 0:
        if tally.running:
            return f"No trial has ended yet: {fmt.amount(tally.running, 'trial')} in training."
        return "No trial has been started yet."
    return "No trial has completed yet, so there is nothing to choose from."


def evidence(stage: StageResults) -> tuple[str, ...]:
    """What the answer rests on, and what speaks against it: a sentence each."""
    return tuple(_evidence(stage))


def _evidence(stage: StageResults) -> Iterator[str]:
    best, info = stage.best, stage.info
    if stage.trials:
        yield from _counts(stage)
        yield from given.sentences(stage)
    if best is None or best.value is None:
        return
    if info.others:
        yield pareto_front.sentence(stage)
    yield from _beside_the_baseline(stage, best)
    told = (best, stage.baseline)
    equal = [
        trial.number for trial in stage.ranked if trial.value == best.value and trial not in told
    ]
    if equal:
        word = "Trial" if len(equal) == 1 else "Trials"
        yield f"{word} {fmt.numbers(equal)} reached the same value."
    if len(stage.ranked) == 1:
        yield "One trial and one seed: there is nothing yet to compare it with."
        return
    largest = "highest" if info.maximize else "lowest"
    sampler = info.settings.get("sampler")
    chosen = "" if sampler in _NOT_ADAPTIVE else ", chosen by an adaptive sampler"
    yield (
        f"It is the {largest} of {fmt.count(len(stage.ranked))} values from one seed each"
        f"{chosen}: an optimistic figure. Expect a little less from another seed."
    )


def _beside_the_baseline(stage: StageResults, best: TrialResult) -> Iterator[str]:
    baseline = stage.baseline
    if not stage.info.declared:
        return
    if baseline is None or baseline.value is None or best.value is None:
        yield "The baseline itself is not among the completed trials."
    elif baseline is best:
        yield "That is the baseline: nothing better was found."
    elif best.value == baseline.value:
        yield f"The baseline, trial {baseline.number}, reached the same value."
    else:
        gap = fmt.gap(best.value, baseline.value)
        value = fmt.metric(baseline.value)
        yield f"The baseline reached {value} in trial {baseline.number}: {gap} behind."


def _counts(stage: StageResults) -> Iterator[str]:
    tally, budget = stage.tally, stage.info.trials
    whole = f" of {fmt.count(budget)}" if budget else ""
    word = "trial" if (budget or tally.trained) == 1 else "trials"
    trained = _amounts(
        {"completed": tally.completed, "pruned": tally.pruned, "diverged": tally.diverged}
    )
    split = f": {trained}" if trained else ""
    yield f"{fmt.count(tally.trained)}{whole} {word} trained{split}."
    others = _amounts(
        {
            "failed": tally.failed,
            "lost": tally.lost,
            "to be repeated": tally.to_be_retried,
            "running": tally.running,
            "waiting": tally.waiting,
        }
    )
    if others:
        yield f"Beside them: {others}."


def _amounts(numbers: dict[str, int]) -> str:
    parts = [f"{fmt.count(number)} {word}" for word, number in numbers.items() if number]
    return fmt.listing(parts)
