"""When a worker has grown so large that a successor should take over."""

from dataclasses import dataclass

from optisearch.resources import available_memory

# TensorFlow doesn't give graphs back: about 2.4 MB for each new structure. A successor costs the
# seconds of importing it, so a worker may double; where memory is short, it may grow by a fifth.
_GROWTH, _GROWTH_WHERE_SHORT = 2.0, 1.2
_SETTLED_TRIALS = 5


@dataclass
class Growth:
    """Watches the process's memory, as it is between trials.

    It is too much when it has doubled since it settled. Where there is less memory left than the
    settled process took (on the machine, in the container, in Slurm's allocation), a fifth more is
    too much: so all workers of a machine shrink before it is used up, however many they are, and
    none is replaced that has nothing to give back. And it is too much, at once, beyond the limit
    that a person set.

    Attributes:
        limit_bytes: That limit.
        replaceable: Whether somebody starts a successor unasked. Else only the limit counts.
    """

    limit_bytes: int | None = None
    replaceable: bool = True
    trials: int = 0
    settled_bytes: int = 0

    def is_too_much(self) -> bool:
        """To be asked after each trial. The first few settle it: caches fill."""
        import psutil

        self.trials += 1
        now = psutil.Process().memory_info().rss
        if self.limit_bytes is not None and now > self.limit_bytes:
            return True
        if self.trials <= _SETTLED_TRIALS:
            self.settled_bytes = now
        if not self.replaceable or self.trials <= _SETTLED_TRIALS:
            return False
        is_short = available_memory() < self.settled_bytes
        limit = _GROWTH_WHERE_SHORT if is_short else _GROWTH
        return bool(now > limit * self.settled_bytes)
