"""The points that a search begins with, behind its baseline: stored with it, in their order.

Those that its study file knows, then those that were carried over from earlier studies. Nobody
hands them out: who takes a new trial takes the first that no trial has yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class FirstPoint:
    """A point that a search is given.

    Attributes:
        point: The searched and active factors.
        stage: The stage that it was carried over from; empty if the study file knows it.
        trial: The best trial at that point there.
    """

    point: Mapping[str, Any]
    stage: str = ""
    trial: int | None = None

    @property
    def origin(self) -> dict[str, Any]:
        """Where it comes from, as it is stored with its trial."""
        return {"stage": self.stage, "trial": self.trial} if self.stage else {}


@dataclass(frozen=True)
class FirstPoints:
    """The points that a search is given.

    Attributes:
        known: Those of the study file.
        carried: Those of earlier studies.
    """

    known: tuple[Mapping[str, Any], ...] = ()
    carried: tuple[FirstPoint, ...] = ()

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any] | None) -> Self:
        """What `as_dict` made; nothing where nothing is stored."""
        if stored is None:
            return cls()
        carried = tuple(FirstPoint(**each) for each in stored["carried"])
        return cls(tuple(stored["known"]), carried)

    def as_dict(self) -> dict[str, Any]:
        return {"known": list(self.known), "carried": [asdict(each) for each in self.carried]}

    def with_carried(self, more: Iterable[FirstPoint]) -> "FirstPoints":
        """The same and, behind them, those that aren't among them yet."""
        carried = list(self.carried)
        there = [each.point for each in carried]
        carried += [each for each in more if each.point not in there]
        return FirstPoints(self.known, tuple(carried))

    def queue(self, baseline: Mapping[str, Any]) -> list[FirstPoint]:
        """Each point once, in order, without the baseline: that is trained in any case."""
        found: list[FirstPoint] = []
        tried = [baseline]
        for each in (*map(FirstPoint, self.known), *self.carried):
            if each.point not in tried:
                tried.append(each.point)
                found.append(each)
        return found

    def next(
        self, baseline: Mapping[str, Any], given: Iterable[Mapping[str, Any]]
    ) -> FirstPoint | None:
        """The first point that isn't given yet; None when all are.

        Args:
            baseline: The first trial's point.
            given: The points that trials were given, whatever became of them.
        """
        taken = list(given)
        return next((each for each in self.queue(baseline) if each.point not in taken), None)
