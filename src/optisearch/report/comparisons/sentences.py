"""What a comparison's rows show and what they don't, in plain sentences."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from optisearch.record import BEST_PREFIX
from optisearch.report import format as fmt
from optisearch.report.comparisons.finding import Finding

if TYPE_CHECKING:
    from optisearch.statistics import Judgement


def below(finding: Finding) -> Iterator[str]:
    """The sentences below the table of evidence, the most important first."""
    yield from coverage(finding)
    yield from apart(finding)
    yield from best(finding)
    yield from published(finding)
    yield from order(finding)
    yield reading(finding)


def coverage(finding: Finding) -> Iterator[str]:
    """What is missing, and why."""
    there, planned = finding.cells
    if there < planned:
        yield f"{fmt.count(there)} of {fmt.amount(planned, 'cell')} are there so far."
    causes: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in finding.rows:
        if row.failed:
            missing = "Without a result at some seeds" if row.trials else "Without any result"
            causes[missing, _cause(row.failed[-1].error)].append(row.level)
    for (missing, cause), levels in causes.items():
        yield f"{missing}: {names(levels)}. {cause}"
    diverged = [
        row.level
        for row in finding.rows
        if any(trial.ending == "diverged" for trial in row.trials.values())
    ]
    if diverged and not finding.waits:
        yield f"Diverged seeds are in no mean: those of {names(diverged)} are of the others alone."


def apart(finding: Finding) -> Iterator[str]:
    """Which levels can be told from the reference, which can't, and what it would take."""
    compared, more = finding.compared, finding.more_is_better
    if not finding.seeds:
        return
    name = fmt.setting(finding.reference)
    if not finding.estimates[finding.reference].n:
        yield f"{name}, which the others are compared to, has no result: nothing can be told apart."
        return
    if finding.seeds == 1:
        yield "One seed: without intervals, because one seed has no spread."
        return
    better: list[Any] = []
    worse: list[Any] = []
    for pair in compared.apart:
        mean = pair.difference.estimate.mean or 0.0
        (better if (mean > 0) == more else worse).append(pair.level)
    known = [pair for pair in compared.alike if pair.adjusted is not None]
    parts = []
    if better:
        parts.append(f"{names(better)} {_be(better)} better than {name}")
    if worse:
        parts.append(f"{names(worse)} {_be(worse)} worse than {name}")
    alike = [pair.level for pair in known]
    if alike:
        parts.append(f"{names(alike)} can't be told from {name}")
    if parts:
        tests = fmt.amount(len(compared.pairs), "test")
        yield (
            f"{'; '.join(parts)} (paired by seed, by Holm's adjustment for {tests}: at most one "
            "such table in twenty claims a difference that isn't there)."
        )
    few = [pair.level for pair in compared.pairs if pair.adjusted is None]
    if few:
        yield f"Too few seeds in common with {name} to tell: {names(few)}."
    yield from _more_seeds(finding)


def best(finding: Finding) -> Iterator[str]:
    """Which level may be called the best, or among which it is."""
    if finding.seeds < 2 or not finding.compared.apart:
        return
    left = unbeaten(finding)
    if len(left) == 1:
        yield f"Better than every other level: {names(left)}."
    else:
        yield f"Which is the best of {names(left)} is open."


def unbeaten(finding: Finding) -> tuple[Any, ...]:
    """The levels among which the best is."""
    return finding.compared.unbeaten("maximize" if finding.more_is_better else "minimize")


def published(finding: Finding) -> Iterator[str]:
    """The verdicts on published figures, with their reasons."""
    planned = finding.results.planned
    if not finding.published:
        return
    source = f" in {fmt.text(planned.source)}" if planned.source else ""
    tolerance = planned.tolerance
    told = "The ratios of the times" if finding.is_time else "The figures"
    rule = f"one holds where the whole interval lies within ± {fmt.figure(tolerance)} of it"
    if not tolerance:
        rule = "without a tolerance none can hold, only be contradicted"
    yield f"{told} published{source}: {rule}."
    reasons: defaultdict[tuple[Judgement, str], list[Any]] = defaultdict(list)
    for level, verdict in finding.verdicts.items():
        reasons[verdict.judgement, verdict.reason].append(level)
    for (judgement, reason), levels in reasons.items():
        yield f"{names(levels)}: {judgement}, {reason}."


def order(finding: Finding) -> Iterator[str]:
    """The verdict on the order that the published figures imply."""
    judged = finding.order
    if judged is None:
        return
    claim = " before ".join(names(level) for level in finding.claim)
    yield f"The published order, {claim}: {judged.verdict.judgement}, {judged.verdict.reason}."
    if judged.ranks and finding.seeds > 1:
        ranked = sorted(judged.ranks.items(), key=lambda pair: pair[1])
        ranks = fmt.listing([f"{fmt.setting(level)} {fmt.spread(rank)}" for level, rank in ranked])
        yield f"Mean ranks over the seeds: {ranks}."


def reading(finding: Finding) -> str:
    """Which value is the value."""
    measure, metric = finding.measure, fmt.text(finding.results.metric)
    if finding.waits:
        unit = "epochs" if measure == "epochs_to_target" else "seconds"
        return (
            f"Measured: the {unit} until {target(finding)}. Seeds that didn't reach it are in no "
            "mean, which makes levels with such seeds look better than they are."
        )
    if finding.is_time:
        span = "an epoch's" if measure == "seconds_per_epoch" else "the whole training's"
        return (
            f"Measured: {span} seconds, with other workers running; ratios are geometric means "
            "over the seeds."
        )
    if measure == "parameters":
        return "Measured: the model's trainable parameters."
    if measure == f"{BEST_PREFIX}{metric}":
        return (
            f"Measured: {metric} at its best epoch. That epoch was chosen by looking at the same "
            "number, so it is optimistic."
        )
    when = "after so many epochs" if finding.results.planned.reads_one_run else "at the last epoch"
    return f"Measured: {fmt.text(measure)} {when}."


def target(finding: Finding) -> str:
    """What is to be reached, and who chose it."""
    results = finding.results
    if results.target is None:
        return f"{fmt.text(results.metric)} reaches a target (none is known yet)"
    if results.planned.target is not None:
        origin = "the study's own target"
    else:
        level = fmt.setting(results.reference)
        origin = f"what {level} reaches on average at half of its epochs, untuned"
    return f"{fmt.text(results.metric)} reaches {fmt.metric(results.target)} ({origin})"


def names(levels: Iterable[Any]) -> str:
    """Levels as words."""
    return fmt.listing([fmt.setting(level) for level in levels])


def _more_seeds(finding: Finding) -> Iterator[str]:
    needed: defaultdict[float, list[Any]] = defaultdict(list)
    for pair in finding.compared.alike:
        if pair.more_seeds is not None:
            needed[pair.more_seeds].append(pair.level)
    parts = []
    for seeds in sorted(needed):
        count = "more than 100" if math.isinf(seeds) else f"about {fmt.count(int(seeds))}"
        parts.append(f"{names(needed[seeds])} {count}")
    if parts:
        yield (
            f"More seeds that would tell, if the differences are what they seem: "
            f"{fmt.listing(parts)}."
        )


def _cause(error: str | None) -> str:
    return f"Cause: {fmt.text(error.splitlines()[0])}" if error else "Their workers died."


def _be(levels: Sequence[Any]) -> str:
    return "is" if len(levels) == 1 else "are"
