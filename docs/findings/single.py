"""Claims about runs by themselves, or about all levels at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from docs.findings.answer import Answer, answer, level_mean, mean, missing, names
from docs.findings.shelf import Half
from optisearch.reading import TrialResult
from optisearch.reading.measures import curve
from optisearch.report import format as fmt
from optisearch.statistics import compare_levels, estimate, expected_best

_RESOLUTION = 1e-6


@dataclass(frozen=True)
class Shown:
    """Nothing was claimed: the levels' means, and which of them can be told from the first.

    Attributes:
        levels: By default all; the first is what the others are compared to.
        measure: By default the comparison's.
    """

    levels: tuple[Any, ...] = ()
    measure: str = ""

    def __call__(self, half: Half) -> Answer:
        values = half.values(self.measure)
        levels = [level for level in self.levels or half.levels if values.get(level)]
        if len(levels) < 2:
            return missing("fewer than two levels yet")
        told = [level_mean(half, level, self.measure) for level in levels]
        reference = half.finding.reference if half.finding.reference in levels else levels[0]
        found = compare_levels({level: values[level] for level in levels}, reference)
        alike = [pair.level for pair in found.alike]
        reason = f"can't be told from {fmt.setting(reference)}: {names(alike)}"
        if not alike:
            reason = f"all can be told from {fmt.setting(reference)}"
        return answer(half, levels, "; ".join(told), "shown", reason)


@dataclass(frozen=True)
class Spread:
    """Runs that differ by their seed alone end differently: two that differ are enough."""

    level: Any
    measure: str

    def __call__(self, half: Half) -> Answer:
        values = _finite(half, self.level, self.measure)
        if len(values) < 2:
            return missing("fewer than two seeds yet")
        lowest, highest = min(values), max(values)
        found = estimate(values)
        told = (
            f"{self.measure} of {fmt.setting(self.level)}: {fmt.interval((lowest, highest))} over "
            f"{len(values)} seeds, sd {fmt.spread(found.sd or 0.0)}"
        )
        if highest - lowest > _RESOLUTION * max(abs(lowest), abs(highest)):
            ends = len({round(value / (_RESOLUTION * highest or 1)) for value in values})
            reason = f"{ends} different ends"
            if self.measure == "loss":
                reason += ", and at most one of them is the minimum"
            return answer(half, [self.level], told, "holds", reason)
        return answer(half, [self.level], told, "contradicted", "all runs end alike")


@dataclass(frozen=True)
class Restarts:
    """The best of so many seeds against the mean: what random restarts gain."""

    level: Any
    restarts: int
    measure: str

    def __call__(self, half: Half) -> Answer:
        values = _finite(half, self.level, self.measure)
        if len(values) < self.restarts:
            return missing(f"fewer than {self.restarts} seeds yet")
        direction = half.direction(self.measure)
        one, best = estimate(values), expected_best(values, self.restarts, direction)
        assert best.value is not None
        assert one.mean is not None
        sign = 1 if direction == "maximize" else -1
        gain = sign * (best.value - one.mean)
        told = (
            f"{self.measure} of {fmt.setting(self.level)}: one run {mean(one)}, the best of "
            f"{self.restarts} {fmt.metric(best.value)}"
        )
        if best.low is not None and best.high is not None:
            told += f" ({fmt.interval((best.low, best.high))})"
        parts = (
            f"{fmt.difference(gain)}, {fmt.figure(float(f'{gain / one.sd:.2g}'))} sd"
            if one.sd
            else "0"
        )
        reason = f"the gain, never below 0: {parts}, for {self.restarts} times the work"
        return answer(half, [self.level], told, "shown", reason)


@dataclass(frozen=True)
class Works:
    """It can be used: every seed came to its end, and the metric is better than a bound."""

    level: Any
    measure: str
    bound: float

    def __call__(self, half: Half) -> Answer:
        values = list(half.values(self.measure).get(self.level, {}).values())
        if not values:
            return missing("no seed yet")
        found = estimate(values)
        told = f"{self.measure or half.measure} {level_mean(half, self.level, self.measure)}"
        row = next(row for row in half.results.levels if row.level == self.level)
        if row.failed or found.diverged:
            return answer(
                half, [self.level], told, "contradicted", "not every seed came to its end"
            )
        sign = 1 if half.direction(self.measure) == "maximize" else -1
        if all(sign * value > sign * self.bound for value in values):
            reason = f"every seed is better than {fmt.figure(self.bound)}"
            return answer(half, [self.level], told, "holds", reason)
        return answer(half, [self.level], told, "undecided", "not every seed learned")


@dataclass(frozen=True)
class Course:
    """Metrics at several epochs, means over the seeds, and the time in all."""

    level: Any
    metrics: tuple[str, ...]
    epochs: tuple[int, ...] = (1, 5, 10)

    def __call__(self, half: Half) -> Answer:
        trials = [trial for trial in half.trials(self.level) if trial.ending == "completed"]
        parts = [part for name in self.metrics if (part := self._course(trials, name))]
        if not parts:
            return missing("no seed yet")
        seconds = [trial.seconds for trial in trials if trial.seconds is not None]
        if seconds:
            parts.append(f"{fmt.seconds(fmean(seconds))} in all")
        told = f"{'; '.join(parts)} (n {len(trials)})"
        return answer(half, [self.level], told, "shown")

    def _course(self, trials: Sequence[TrialResult], name: str) -> str:
        curves = [curve(trial, name) for trial in trials]
        parts = []
        for epoch in self.epochs:
            values = [known[epoch] for known in curves if epoch in known]
            if values:
                parts.append(f"{fmt.metric(fmean(values))} at {epoch}")
        return f"{name} {', '.join(parts)}" if parts else ""


@dataclass(frozen=True)
class Tracked:
    """Every epoch of every run has these metrics recorded, so that they can be plotted."""

    metrics: tuple[str, ...]

    def __call__(self, half: Half) -> Answer:
        levels = [level for level in half.levels if half.trials(level)]
        trials = {trial.number: trial for level in levels for trial in half.trials(level)}
        rows = [row for trial in trials.values() for row in trial.history]
        if not rows:
            return missing("no seed yet")
        whole = sum(all(name in row for name in self.metrics) for row in rows)
        told = (
            f"{fmt.listing(self.metrics)} recorded at {fmt.count(whole)} of "
            f"{fmt.amount(len(rows), 'epoch')} of {fmt.amount(len(trials), 'run')}, drawn in the "
            "HTML report"
        )
        holds = whole == len(rows)
        return answer(half, levels, told, "holds" if holds else "contradicted")


@dataclass(frozen=True)
class Least:
    """No other level has less of something that no seed changes, such as memory."""

    level: Any

    def __call__(self, half: Half) -> Answer:
        known = {level: set(seeds.values()) for level, seeds in half.values().items() if seeds}
        if self.level not in known or len(known) < 2:
            return missing("no seed yet")
        highest = {level: max(values) for level, values in known.items()}
        told = [f"{fmt.setting(level)} {fmt.figure(value)}" for level, value in highest.items()]
        less = [level for level, value in highest.items() if value < highest[self.level]]
        reason = f"less: {names(less)}" if less else "none has less"
        return answer(half, known, ", ".join(told), "contradicted" if less else "holds", reason)


def _finite(half: Half, level: Any, measure: str) -> list[float]:
    found = half.values(measure).get(level, {}).values()
    return [value for value in found if math.isfinite(value)]
