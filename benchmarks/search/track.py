"""What a search had reached, and when."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Track:
    """One search's way up.

    Attributes:
        first: When its first trial began to train, in seconds since the epoch.
        reached: (When, value) of what it reported, more is better; in any order.
        began: When its process was started.
        ended: When its process ended.
    """

    first: float
    reached: Sequence[tuple[float, float]]
    began: float = math.nan
    ended: float = math.nan

    @property
    def best(self) -> float:
        """The best value of all."""
        return max(value for _, value in self.reached)

    @property
    def seconds(self) -> float:
        """The whole process, from start to end."""
        return self.ended - self.began

    def seconds_to(self, value: float, *, since_first: bool = False) -> float:
        """The time to the first value that is as good; infinite where none was.

        Args:
            value: What is to be reached.
            since_first: Count from the beginning of the first trial, not of the process.
        """
        at = min((when for when, found in self.reached if found >= value), default=math.inf)
        return at - (self.first if since_first else self.began)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path, *, began: float, ended: float) -> "Track":
        """What `write` wrote, in a process that began and ended then."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        reached = [(when, value) for when, value in stored["reached"]]
        return cls(stored["first"], reached, began, ended)
