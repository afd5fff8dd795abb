"""How much a study's metric varies from one seed to the next, as far as it was measured."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import variance

from optisearch.reading import StageResults, TrialResult
from optisearch.replaying.recorded import Recorded
from optisearch.settings import CONFIRM
from optisearch.statistics.estimate import CONFIDENCE, t_quantile


@dataclass(frozen=True)
class Spread:
    """The spread of single trainings.

    Attributes:
        sd: Their standard deviation about the mean of their point.
        df: Its degrees of freedom.
        trainings: How many it was computed from.
        points: At how many points; 1 is that of the trial itself.
    """

    sd: float
    df: int
    trainings: int
    points: int = 1

    @property
    def most(self) -> float:
        """By how much two trainings with different seeds differ at most, in 95 of 100 cases.

        The difference of two has the variance of both: t(df) · √2 · sd.
        """
        return t_quantile(self.df, CONFIDENCE) * math.sqrt(2) * self.sd


def spread(recorded: Recorded) -> Spread | None:
    """The spread at a trial's point where it was trained with several seeds; else that within the
    study's other points. None where no point was.

    Only of trials with the same data: a confirmation's are judged on another part.
    """
    groups: dict[str, list[float]] = {}
    for stage in recorded.stages.values():
        if (stage.info.stage == CONFIRM) == recorded.is_confirmation:
            for trial in _counted(stage):
                groups.setdefault(_key(recorded, trial), []).append(trial.value or 0.0)
    own = groups.get(_key(recorded, recorded.trial), [])
    if len(own) > 1:
        return _pooled([own])
    several = [values for values in groups.values() if len(values) > 1]
    return _pooled(several) if several else None


def _counted(stage: StageResults) -> Iterable[TrialResult]:
    """The completed trials, of those with the same point and seed the first."""
    seen = set()
    for trial in stage.ended("completed"):
        key = (str(sorted(trial.params.items())), trial.seed)
        if key not in seen:
            seen.add(key)
            yield trial


def _key(recorded: Recorded, trial: TrialResult) -> str:
    return repr(sorted(recorded.point_of(trial).items()))


def _pooled(groups: Sequence[Sequence[float]]) -> Spread | None:
    df = sum(len(values) - 1 for values in groups)
    squares = math.fsum(variance(values) * (len(values) - 1) for values in groups)
    sd = math.sqrt(squares / df)
    return Spread(sd, df, sum(map(len, groups)), len(groups)) if sd > 0 else None
