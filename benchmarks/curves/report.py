"""What the searches say, as Markdown."""

from collections.abc import Iterator, Sequence
from statistics import fmean, median

from benchmarks.curves.choice import Choice, by_repeats, by_study, shares
from benchmarks.curves.experiment import Searches
from benchmarks.curves.methods import ASHA, DEFAULT, RANDOM
from benchmarks.markdown import table
from optisearch.statistics import Estimate, estimate


def markdown(searches: Sequence[Searches], eligible: Sequence[str]) -> str:
    """Everything, as Markdown.

    Args:
        searches: All searches.
        eligible: The methods that may become the default.
    """
    real = [each for each in searches if each.setting.epochs_searched]
    published = [each for each in searches if not each.setting.epochs_searched]
    parts = [_recorded(real), _known_ordering(published), _overall(real), _choices(real, eligible)]
    parts += [f"{_heading(each)}\n\n{_methods(each)}" for each in searches]
    return "\n\n".join(parts) + "\n"


def _recorded(searches: Sequence[Searches]) -> str:
    """What the tables hold."""
    rows = []
    for path in dict.fromkeys(each.path for each in searches):
        curves = next(each.table for each in searches if each.path == path)
        how = curves.recorded
        points, epochs = curves.values.shape
        versions = ", ".join(f"{name} {how['versions'][name]}" for name in ("keras", "tensorflow"))
        rows.append(
            [
                curves.study,
                f"{points:,}",
                f"{how['data']['sizes']['train']:,}",
                f"{1000 * median(curves.epoch_seconds):.1f}",
                f"{1000 * curves.start_seconds:.0f}",
                f"{curves.agreement(2):.2f}, {curves.agreement(epochs - 1):.2f}",
                f"{how['date']}, {how['machine']}, {versions}",
            ]
        )
    header = ["study", "points", "records", "ms an epoch", "ms a start"]
    return table([*header, "rank kept", "recorded"], rows)


def _known_ordering(searches: Sequence[Searches]) -> str:
    """ASHA before random search."""
    rows = []
    for each in searches:
        difference = each.against(ASHA.name, RANDOM.name).estimate
        means = [told(each.mean(name)) for name in (RANDOM.name, ASHA.name)]
        rows.append([each.table.study, each.setting.workers, *means, told(difference, signed=True)])
    return (
        "**The known ordering**, ASHA before random search (Li et al. 2020, "
        "https://arxiv.org/abs/1810.05934): seconds to the target, all trials of full length.\n\n"
        + table(["study", "workers", "random", "random + asha", "difference"], rows)
    )


def _overall(searches: Sequence[Searches]) -> str:
    """Each method over all studies and numbers of workers."""
    methods = searches[0].outcomes
    means = {method: estimate(shares(searches, method).values()) for method in methods}
    best_first = sorted(methods, key=lambda method: means[method].mean or 0.0)
    return (
        "**All methods**, epochs searched: the time to the target in % of the budget, the mean of "
        "all studies and numbers of workers.\n\n"
        + table(
            ["method", "time"], ([name, told(means[name], percent=True)] for name in best_first)
        )
    )


def _choices(searches: Sequence[Searches], eligible: Sequence[str]) -> str:
    """What one part of the searches chooses, and what the other part says of it."""
    chosen = {"the even repeats, confirmed by the odd ones": by_repeats(searches, eligible)}
    studies = sorted({each.table.study for each in searches})
    if len(studies) > 1:
        for study in studies:
            by = f"the other study, confirmed on {study}"
            chosen[by] = by_study(searches, eligible, confirmed_on=study)
    return "**The choice**:\n\n" + "\n".join(
        line for by, choice in chosen.items() for line in _choice(by, choice)
    )


def _choice(by: str, choice: Choice) -> Iterator[str]:
    yield f"* by {by}: **{choice.method}**"
    nearest = max(choice.against, key=lambda name: choice.against[name].estimate.mean or 0.0)
    others = {DEFAULT.name: "the present default", nearest: "the one that comes nearest"}
    for other, role in others.items():
        if other in choice.against:
            difference = told(choice.against[other].estimate, signed=True, percent=True)
            yield f"  * minus {other}, {role}: {difference} % of the budget"


def _heading(each: Searches) -> str:
    setting, curves = each.setting, each.table
    epochs = "epochs searched" if setting.epochs_searched else "all trials of full length"
    workers = "1 worker" if setting.workers == 1 else f"{setting.workers} workers"
    target, lengths = setting.target(curves), curves.lengths(searched=setting.epochs_searched)
    return (
        f"### {curves.study}, {workers}, {epochs}\n\n"
        f"Target: {curves.metric} {abs(target):.4f}, which {curves.share(target, lengths):.1%} of "
        f"a random search's trials reach. Budget: {each.budget:,.1f} s. "
        f"{len(each.outcomes[RANDOM.name])} repeats."
    )


def _methods(each: Searches) -> str:
    rows = []
    for method, outcomes in each.outcomes.items():
        difference = each.against(method, RANDOM.name).estimate
        trials = sum(outcome.trials for outcome in outcomes)
        epochs = sum(outcome.epochs for outcome in outcomes)
        computed = sum(outcome.computed for outcome in outcomes)
        rows.append(
            [
                method,
                f"{each.reached(method):.0%}",
                told(each.mean(method)),
                told(difference, signed=True) if method != RANDOM.name else "",
                f"{fmean(outcome.trials for outcome in outcomes):.0f}",
                f"{epochs / trials:.1f}",
                f"{1000 * computed / trials:.1f}",
            ]
        )
    header = ["method", "reached", "seconds", "minus random's"]
    return table([*header, "trials", "epochs a trial", "own ms a trial"], rows)


def told(found: Estimate, *, signed: bool = False, percent: bool = False) -> str:
    """A mean with its 95 % interval: `12.3 (10.1 to 14.5)`."""
    scale, sign = (100 if percent else 1), ("+" if signed else "")
    if found.mean is None:
        return ""
    mean = f"{scale * found.mean:{sign},.1f}"
    if found.low is None or found.high is None:
        return mean
    return f"{mean} ({scale * found.low:{sign},.1f} to {scale * found.high:{sign},.1f})"
