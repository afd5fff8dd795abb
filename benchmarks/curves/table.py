"""A recorded table: the learning curve and the seconds of every point of a grid.

A search through such a table trains nothing and is what it would have been with training: the idea
of NAS-Bench-101 (Ying et al. 2019, https://arxiv.org/abs/1902.09635), HPOBench (Eggensperger et al.
2021, https://arxiv.org/abs/2109.06716) and LCBench (Zimmer et al. 2021,
https://arxiv.org/abs/2006.13799). As every point is recorded, no surrogate model stands between.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.curves.grid import Grid
from optisearch.space import choice, integer, real
from optisearch.space.stored import FactorInfo
from optisearch.study import Direction

FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Table:
    """The curves of all points of a grid.

    Attributes:
        study: The study's name.
        metric: Its monitored metric.
        direction: Whether more of it is better.
        grid: The points.
        epochs: The factor that says how long a trial trains; all were trained to its `high`.
        values: The metric after each epoch, float32 (points, epochs); NaN from where it diverged.
        seconds: The duration of each epoch, float32 (points, epochs); NaN where there was none.
        starts: What a trial took beside its epochs (building, tracing), seconds, float32 (points,).
        recorded: Where, when and with which versions and data.
    """

    study: str
    metric: str
    direction: Direction
    grid: Grid
    epochs: FactorInfo
    values: np.ndarray
    seconds: np.ndarray
    starts: np.ndarray
    recorded: Mapping[str, Any]

    @cached_property
    def worth(self) -> np.ndarray:
        """The values so that more is better, (points, epochs); minus infinity for the diverged."""
        sign = 1 if self.direction == "maximize" else -1
        return np.where(np.isnan(self.values), -np.inf, sign * self.values)

    @cached_property
    def epoch_seconds(self) -> np.ndarray:
        """The median duration of a point's epochs, (points,)."""
        return np.nanmedian(self.seconds, axis=1)

    @cached_property
    def start_seconds(self) -> float:
        """What every trial is charged beside its epochs: the mean of all points."""
        return float(np.mean(self.starts))

    @cached_property
    def ends(self) -> np.ndarray:
        """How many epochs a point can train, (points,): fewer than all where it diverges."""
        return np.minimum((~np.isnan(self.values)).sum(axis=1) + 1, self.values.shape[1])

    def lengths(self, *, searched: bool) -> range:
        """The numbers of epochs that trials have: the factor's range, or only the longest."""
        assert self.epochs.low is not None
        assert self.epochs.high is not None
        longest = int(self.epochs.high)
        return range(int(self.epochs.low) if searched else longest, longest + 1)

    def cost(self, lengths: range) -> float:
        """The seconds that a trial of a random search takes on average."""
        trained = np.minimum(self.ends[:, None], np.array(lengths)[None, :]).mean(axis=1)
        each = self.start_seconds + trained * self.epoch_seconds
        return float(np.average(each, weights=self.grid.weights))

    def target(self, share: float, lengths: range) -> float:
        """The greatest worth that at least this share of a random search's trials end with."""
        ends, weights = self._ends_of_random_trials(lengths)
        order = np.argsort(-ends, kind="stable")
        return float(ends[order[np.searchsorted(np.cumsum(weights[order]), share)]])

    def share(self, target: float, lengths: range) -> float:
        """The share of a random search's trials that end with this worth or more."""
        ends, weights = self._ends_of_random_trials(lengths)
        return float(weights[ends >= target].sum())

    def _ends_of_random_trials(self, lengths: range) -> tuple[np.ndarray, np.ndarray]:
        """The worths that trials can end with, and how probable each is."""
        ends = self.worth[:, np.array(lengths) - 1]
        weights = np.broadcast_to(self.grid.weights[:, None] / len(lengths), ends.shape)
        return ends.ravel(), weights.ravel()

    def agreement(self, epoch: int, *, share: float = 0.25) -> float:
        """Spearman's rank correlation of an epoch with the last one, among the best at the end.

        How much a look at that epoch (counted from 1) tells: pruning lives on it. Where even the
        last epoch but one tells little, it is noise that decides among the best.

        Args:
            epoch: The epoch.
            share: How many of the points count as the best.
        """
        from scipy.stats import spearmanr

        last = self.worth[:, -1]
        best = last >= np.quantile(last, 1 - share)
        return float(spearmanr(self.worth[best, epoch - 1], last[best]).statistic)

    def space(self, *, epochs_searched: bool) -> type:
        """The space that is searched: the study's own ranges, of choices the recorded options."""
        factors = [*self.grid.factors, *([self.epochs] if epochs_searched else [])]
        fields = [(factor.name, object, _declared(factor)) for factor in factors]
        return dataclasses.make_dataclass("Recorded", fields, frozen=True)

    def save(self, path: Path) -> None:
        """Write it as a compressed `.npz`, what isn't an array as JSON in it."""
        about = {
            "study": self.study,
            "metric": self.metric,
            "direction": self.direction,
            "factors": [dataclasses.asdict(factor) for factor in self.grid.factors],
            "epochs": dataclasses.asdict(self.epochs),
            "recorded": dict(self.recorded),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            about=np.array(json.dumps(about)),
            values=self.values,
            seconds=self.seconds,
            starts=self.starts,
        )


def load(path: Path) -> Table:
    """A table as it was saved."""
    with np.load(path, allow_pickle=False) as file:
        about = json.loads(str(file["about"]))
        arrays = {name: file[name] for name in ("values", "seconds", "starts")}
    return Table(
        study=about["study"],
        metric=about["metric"],
        direction=about["direction"],
        grid=Grid(tuple(map(FactorInfo.from_manifest, about["factors"]))),
        epochs=FactorInfo.from_manifest(about["epochs"]),
        recorded=about["recorded"],
        **arrays,
    )


def _declared(factor: FactorInfo) -> Any:
    """The line that declares a factor, again."""
    if factor.kind == "choice":
        return choice(*factor.options, baseline=factor.baseline, when=factor.when)
    declare: Any = integer if factor.kind == "integer" else real
    step = {} if factor.step is None else {"step": factor.step}
    return declare(
        factor.low,
        factor.high,
        baseline=factor.baseline,
        log=factor.log,
        when=factor.when,
        **step,
    )
