"""The first screen of a compare stage: the main finding, what it rests on, and its caveat."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

from optisearch.reading import StageResults
from optisearch.report import format as fmt
from optisearch.report.comparisons.finding import Finding, findings
from optisearch.report.comparisons.sentences import names, unbeaten
from optisearch.statistics import Judgement

_JUDGEMENTS: tuple[Judgement, ...] = get_args(Judgement)


def answer(stage: StageResults) -> str:
    """The main finding in a sentence, or why there is none yet."""
    main = _main(_as_they_stand(stage), stage.info.metric)
    if main is None:
        return "Nothing has been measured yet."
    return f"{_found(main)}."


def evidence(stage: StageResults) -> tuple[str, ...]:
    """What the answer rests on, and its caveat: four sentences at most."""
    return tuple(_evidence(stage))


def _as_they_stand(stage: StageResults) -> list[Finding]:
    return [finding for finding in findings(stage) if not finding.tuned]


def _main(found: Sequence[Finding], metric: str) -> Finding | None:
    """The first comparison of the study's metric that tells levels apart, else the first with most
    seeds, else the first of another measure."""
    measured = [finding for finding in found if finding.seeds]
    candidates = [finding for finding in measured if finding.measure == metric] or measured
    telling = [finding for finding in candidates if finding.compared.apart]
    if telling:
        return telling[0]
    return max(candidates, key=lambda finding: finding.seeds, default=None)


def _found(finding: Finding) -> str:
    factor, levels = fmt.text(finding.factor), len(finding.rows)
    seeds, measure = fmt.amount(finding.seeds, "seed"), fmt.text(finding.measure)
    of = f"Of {fmt.amount(levels, 'level')} of {factor}"
    if finding.seeds == 1:
        return f"{of} there is one seed of each: none can be told from another yet"
    far = "" if finding.is_whole else "so far "
    left = unbeaten(finding)
    known = [row.level for row in finding.rows if finding.estimates[row.level].n]
    beaten = [level for level in known if level not in left]
    if not beaten:
        name = fmt.setting(finding.reference)
        return f"{of} {far}none can be told from {name} by its {measure} ({seeds})"
    if len(left) == 1:
        return f"{of} {names(left)} has the best {measure} ({seeds})"
    worse = f"{names(beaten)} {'is' if len(beaten) == 1 else 'are'} worse"
    if len(left) == 2 and finding.reference in left:  # tested against each other
        return f"{of} {names(left)} can't be told apart by their {measure} ({seeds}); {worse}"
    return f"{of} which is the best of {names(left)} by {measure} is open ({seeds}); {worse}"


def _evidence(stage: StageResults) -> Iterator[str]:
    every = findings(stage)
    found = [finding for finding in every if not finding.tuned]
    progress = stage.progress()
    given_up = f", {fmt.count(progress.given_up)} given up" if progress.given_up else ""
    yield (
        f"{fmt.count(progress.done)} of {fmt.amount(progress.total, 'cell')} are trained{given_up}"
        f"{_seeds(found)}."
    )
    judged = list(_published(found))
    if judged:
        yield " ".join(judged)
    telling = [finding for finding in found if finding.compared.apart]
    if any(finding.seeds > 1 for finding in found):
        names_ = fmt.listing([_name(finding) for finding in telling]) or "none"
        whole = fmt.amount(len(found), "comparison")
        told = f"{fmt.count(len(telling))} told levels apart"
        yield f"Of {whole}, each at a 5 % risk of error, {told}: {names_}."
    yield from _caveat(stage, every)


def _seeds(found: Sequence[Finding]) -> str:
    most = [finding.seeds for finding in found if finding.seeds]
    if not most:
        return ""
    span = f"{min(most)}" if min(most) == max(most) else f"{min(most)} to {max(most)}"
    return f", {span} {'seed' if max(most) == 1 else 'seeds'} for each level"


def _published(found: Sequence[Finding]) -> Iterator[str]:
    figures = Counter(v.judgement for each in found for v in each.verdicts.values())
    orders = Counter(each.order.verdict.judgement for each in found if each.order is not None)
    words = (("published figure", "published figures"), ("implied order", "implied orders"))
    for (one, many), counts in zip(words, (figures, orders), strict=True):
        if counts:
            parts = [_judged(each, counts[each]) for each in _JUDGEMENTS if counts[each]]
            yield f"{fmt.amount(counts.total(), one, many)}: {fmt.listing(parts)}."


def _judged(judgement: Judgement, number: int) -> str:
    word = "hold" if judgement == "holds" and number > 1 else judgement
    return f"{fmt.count(number)} {word}"


def _name(finding: Finding) -> str:
    return fmt.text(finding.results.planned.name)


def _caveat(stage: StageResults, every: Sequence[Finding]) -> Iterator[str]:
    main = _main([finding for finding in every if not finding.tuned], stage.info.metric)
    if main is None:
        return
    text = "Every level ran at the same settings: this compares settings, not methods."
    tuned = [finding for finding in every if finding.tuned]
    own = [each for each in tuned if each.results.planned.name == main.results.planned.name]
    if own and own[0].is_whole and own[0].seeds > 1:
        found = _found(own[0])
        text += f" Tuned for each level: {found[0].lower()}{found[1:]}."
    elif own:
        text += " The tuned half, which compares methods, isn't finished."
    yield text
