"""Whose heartbeat stands still, as one watcher sees it: arithmetic on what it saw, and when."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

# How many heartbeats may be missed.
GRACE_BEATS = 3


@dataclass(frozen=True)
class Sign:
    """What is seen of a trial.

    Attributes:
        beat: What changes with each heartbeat, whatever clock it is by; None before the first.
        every_seconds: How often it should change.
    """

    beat: Hashable
    every_seconds: float


class Watch:
    """Tells which trials have shown no sign of life for the grace of three heartbeats.

    No clock but the watcher's own counts, and of its time only that in which it could look: what
    passed during an outage of the database isn't counted, and of a pause of the watcher no more
    than of one between two looks. That the heartbeats are by other clocks, which may be an hour
    off, doesn't matter.

    Args:
        every_seconds: How often it means to look.
    """

    def __init__(self, every_seconds: float) -> None:
        self._every_seconds = every_seconds
        self._looked: float | None = None
        self._still: dict[int, tuple[Hashable, float]] = {}

    def look(self, signs: Mapping[int, Sign], now: float) -> set[int]:
        """Take in what is to be seen.

        Args:
            signs: Those of all trials in training, by any key.
            now: The watcher's clock, seconds that never jump.

        Returns:
            The keys of those that are taken for dead.
        """
        watched = 0.0 if self._looked is None else min(now - self._looked, self._every_seconds)
        self._looked = now
        before, self._still = self._still, {}
        for key, sign in signs.items():
            beat, still = before.get(key, (None, 0.0))
            is_same = key in before and beat == sign.beat
            self._still[key] = (sign.beat, still + watched if is_same else 0.0)
        return {
            key
            for key, (_, still) in self._still.items()
            if still >= GRACE_BEATS * signs[key].every_seconds
        }

    def missed(self) -> None:
        """It couldn't look: the time until it can isn't counted."""
        self._looked = None
