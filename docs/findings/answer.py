"""What a measurement says about a claim."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from docs.findings.shelf import Half, train_samples
from optisearch.reading.measures import is_time
from optisearch.report import format as fmt
from optisearch.statistics import Estimate, Paired, estimate

# `shown`: the document says nothing that could be true or false; here is what was measured.
Judgement = Literal["holds", "contradicted", "undecided", "shown", "not measured"]


@dataclass(frozen=True)
class Answer:
    """A measured counterpart.

    Attributes:
        measured: The numbers, in a few words.
        judgement: What they say about the claim.
        reason: Why, in a few words.
        trials: The numbers of the trials behind it.
        stage: The stage whose trials these are; empty where it was measured otherwise.
    """

    measured: str
    judgement: Judgement
    reason: str = ""
    trials: tuple[int, ...] = ()
    stage: str = ""


class Row(NamedTuple):
    """A row of the summary.

    Attributes:
        says: What the document says.
        answer: What was measured.
        kind: Whether it is a published figure, the order of some, or a sentence.
    """

    says: str
    answer: Answer
    kind: Literal["figure", "order", "claim"] = "claim"


def missing(what: str) -> Answer:
    """An answer that isn't there yet."""
    return Answer(what, "not measured")


def answer(
    half: Half, levels: Iterable[Any], measured: str, judgement: Judgement, reason: str = ""
) -> Answer:
    """An answer from some of a half's levels; says which of their seeds are not there yet."""
    listed = list(dict.fromkeys(levels))
    gap = _gap(half, listed)
    if gap:
        measured = f"{measured}; {gap} so far"
    cut = train_samples(half.stage.info)
    if cut:
        measured = f"{measured}; trained on {fmt.count(cut)} records"
    numbers = {trial.number for level in listed for trial in half.trials(level)}
    return Answer(measured, judgement, reason, tuple(sorted(numbers)), half.stage.info.name)


def _gap(half: Half, levels: list[Any]) -> str:
    """How many seeds there are of those that there are to be; empty where all are there."""
    rows = {(len(half.trials(level)), half.planned(level)) for level in levels}
    if any(not planned for _, planned in rows):
        return "still being tuned"
    if all(there == planned for there, planned in rows):
        return ""
    fewest, most = min(there for there, _ in rows), max(there for there, _ in rows)
    counts = str(most) if fewest == most else f"{fewest} to {most}"
    return f"{counts} of {fmt.amount(max(planned for _, planned in rows), 'seed')}"


def names(levels: Iterable[Any], last: str = " and ") -> str:
    """Levels as words."""
    return fmt.listing([fmt.setting(level) for level in levels], last)


def mean(found: Estimate) -> str:
    """`0.9675 (0.9661 … 0.9689, n 5)`."""
    if found.mean is None:
        return found.no_interval
    return f"{fmt.metric(found.mean)} ({_ends(found)})"


def level_mean(half: Half, level: Any, measure: str = "") -> str:
    """A level's mean, its name before it."""
    found = estimate(half.values(measure).get(level, {}).values())
    timed = is_time(measure or half.measure) and found.mean is not None
    told = f"{fmt.seconds(found.mean or 0.0)} (n {found.n})" if timed else mean(found)
    return f"{fmt.setting(level)} {told}"


def difference(found: Paired) -> str:
    """`+0.0123 (+0.0101 … +0.0145, n 5)`."""
    one = found.estimate
    if one.mean is None:
        return one.no_interval
    if one.low is None or one.high is None:
        return f"{fmt.difference(one.mean)} ({_ends(one)})"
    ends = fmt.differences((one.low, one.high))
    return f"{fmt.difference(one.mean)} ({ends}, n {one.n}{_diverged(one)})"


def ratio(found: Paired) -> str:
    """`1.53 × (1.41 … 1.66, n 5)`."""
    one = found.estimate
    return one.no_interval if one.mean is None else f"{fmt.figure(one.mean)} × ({_ends(one)})"


def _ends(found: Estimate) -> str:
    ends = "" if found.low is None or found.high is None else fmt.interval((found.low, found.high))
    return f"{ends}{', ' if ends else ''}n {found.n}{_diverged(found)}"


def _diverged(found: Estimate) -> str:
    return f", {found.diverged} diverged" if found.diverged else ""
