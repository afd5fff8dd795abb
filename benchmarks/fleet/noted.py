"""How fast a fleet's time passes, and what its workers note."""

from dataclasses import dataclass, field, replace

TRIAL_SECONDS, BEAT_SECONDS = 60.0, 10.0


@dataclass(frozen=True)
class Pace:
    """How fast the fleet's time passes.

    Attributes:
        workers: How many there are.
        factor: How many times as fast as real time.
    """

    workers: int
    factor: float

    @property
    def trial_seconds(self) -> float:
        return TRIAL_SECONDS / self.factor

    @property
    def beat_seconds(self) -> float:
        return BEAT_SECONDS / self.factor

    @property
    def trials_per_second(self) -> float:
        """What the fleet ends when nothing but training takes time."""
        return self.workers / self.trial_seconds


@dataclass
class Log:
    """What the workers of a process noted, times by the system's monotonic clock.

    Attributes:
        joined: How long joining took each.
        takes: When each trial was taken, and how long that took; without those of joining.
        trials: When each trial ended, and all of it that was neither taking it nor waiting.
        beats: When each heartbeat ended, and how long it and the look after it took.
        lost: The numbers of trials that were taken for lost.
        away: The workers that took the database for away, once for each time.
        errors: What made a worker end.
    """

    joined: list[float] = field(default_factory=list)
    takes: list[tuple[float, float]] = field(default_factory=list)
    trials: list[tuple[float, float]] = field(default_factory=list)
    beats: list[tuple[float, float]] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    away: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __add__(self, other: "Log") -> "Log":
        return Log(**{name: mine + getattr(other, name) for name, mine in vars(self).items()})

    def within(self, begin: float, end: float) -> "Log":
        """What ended in between."""
        return replace(
            self,
            takes=[each for each in self.takes if begin <= each[0] < end],
            trials=[each for each in self.trials if begin <= each[0] < end],
            beats=[each for each in self.beats if begin <= each[0] < end],
        )
