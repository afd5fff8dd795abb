"""Claims that two halves or two comparisons answer together."""

from dataclasses import dataclass
from typing import Any

from docs.findings.answer import Answer, answer, difference, missing, names
from docs.findings.shelf import Half, Shelf
from optisearch.report import format as fmt
from optisearch.statistics import paired_difference, paired_ratio


@dataclass(frozen=True)
class DependsOnTuning:
    """Which levels may be the best depends on whether each was tuned. Takes the tuned half."""

    def __call__(self, half: Half) -> Answer:
        other = half.beside(tuned=False)
        # With levels missing, any other one looks like the best.
        if other is None or not other.finding.is_whole or not half.finding.is_whole:
            return missing("not both halves yet")
        told = "; ".join(
            f"{name}: {_best(each)}, levels apart by {_apart(each)}"
            for name, each in (("as they stand", other), ("tuned", half))
        )
        turned = [
            f"{fmt.setting(first)} and {fmt.setting(second)}"
            for first, second in other.finding.compared.ascending
            if (second, first) in half.finding.compared.ascending
        ]
        before, after = _unbeaten(other), _unbeaten(half)
        levels = half.levels
        if turned:
            order = f"the order of {names(turned, ', and of ')} is turned round"
            return _of_both(half, other, told, "holds", order)
        if not before <= after:
            return _of_both(half, other, told, "holds", "tuned, another one is the best")
        if before < after:
            risen = [level for level in levels if level in after - before]
            reason = f"tuned, {names(risen)} can't be told from the best any more"
            return _of_both(half, other, told, "holds", reason)
        return _of_both(half, other, told, "undecided", "the same ones are ahead in both")


def _of_both(half: Half, other: Half, told: str, judgement: Any, reason: str) -> Answer:
    one = answer(half, half.levels, told, judgement, reason)
    two = answer(other, other.levels, told, judgement, reason)
    numbers = tuple(sorted({*one.trials, *two.trials}))
    return Answer(one.measured, judgement, reason, numbers, one.stage)


def _unbeaten(half: Half) -> set[Any]:
    return set(half.unbeaten)


def _best(half: Half) -> str:
    left = half.unbeaten
    return f"the best is {'' if len(left) == 1 else 'one of '}{names(left, ' or ')}"


def _apart(half: Half) -> str:
    means = [found.mean for found in half.finding.estimates.values() if found.mean is not None]
    return fmt.figure(float(f"{max(means) - min(means):.3g}")) if means else "nothing"


@dataclass(frozen=True)
class CostsLess:
    """What the base of a comparison costs one level is less than what it costs another.

    The cost: the same level's value in `without`, where that base isn't set, less its value here.
    """

    level: Any
    than: Any
    without: str

    def __call__(self, half: Half) -> Answer:
        clean = half.beside(self.without)
        costs = [self._cost(half, clean, level) for level in (self.level, self.than)]
        if clean is None or not all(costs):
            return missing("not both comparisons yet")
        found = paired_difference(costs[0], costs[1])
        told = "; ".join(
            f"it costs {fmt.setting(level)} {difference(paired_difference(cost, _zero(cost)))}"
            for level, cost in zip((self.level, self.than), costs, strict=True)
        )
        low, high = found.estimate.low, found.estimate.high
        levels = (self.level, self.than)
        reason = f"the difference: {difference(found)}"
        if low is None or high is None or low <= 0 <= high:
            return answer(half, levels, told, "undecided", reason)
        return answer(half, levels, told, "holds" if high < 0 else "contradicted", reason)

    def _cost(self, half: Half, clean: Half | None, level: Any) -> dict[int, float]:
        noisy = half.values().get(level, {})
        before = clean.values(half.measure).get(level, {}) if clean else {}
        sign = 1 if half.direction() == "maximize" else -1
        return {
            seed: sign * (before[seed] - value) for seed, value in noisy.items() if seed in before
        }


def _zero(seeds: dict[int, float]) -> dict[int, float]:
    return dict.fromkeys(seeds, 0.0)


@dataclass(frozen=True)
class NeedsLessMemory:
    """A batch of one size needs less memory than one of another; takes all there is."""

    size: int
    than: int

    def __call__(self, shelf: Shelf) -> Answer:
        known = shelf.batch_memory
        if self.size not in known or self.than not in known:
            return missing("python -m benchmarks.batch_memory measures it")
        one, two = (dict(enumerate(known[size])) for size in (self.size, self.than))
        found = paired_ratio(two, one)
        told = "; ".join(
            f"{fmt.count(size)}: {_mib(min(values))} … {_mib(max(values))} MiB"
            for size, values in sorted(known.items())
        )
        told = f"what a step adds to the process at rest, for batches of {told}"
        ratio, low, high = found.estimate.mean, found.estimate.low, found.estimate.high
        if ratio is None or low is None or high is None:
            return Answer(told, "undecided", found.estimate.no_interval)
        reason = (
            f"{fmt.count(self.than)} need {fmt.figure(float(f'{ratio:.3g}'))} × "
            f"({fmt.interval((low, high))}) as much as {fmt.count(self.size)}"
        )
        if low > 1:
            return Answer(told, "holds", reason)
        return Answer(told, "contradicted" if high < 1 else "undecided", reason)


def _mib(size: float) -> str:
    return fmt.count(round(size / 2**20))
