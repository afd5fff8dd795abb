"""When a worker has grown so large that a successor should take over."""

from dataclasses import dataclass

# TensorFlow doesn't give graphs back: about 2.4 MB for each new structure. A successor costs the
# seconds of importing it, so a worker may double; where memory is short, it may grow by a fifth.
_GROWTH, _GROWTH_WHERE_SHORT = 2.0, 1.2
_SETTLED_TRIALS = 5


@dataclass
class Growth:
    """Watches the process's memory.

    It is too much when it has doubled since it settled. Where the machine has less memory left than
    the settled process took, a fifth more is too much: so all workers of a machine shrink before
    it is used up, however many they are, and none is replaced that has nothing to give back.
    """

    trials: int = 0
    settled_bytes: int = 0

    def is_too_much(self) -> bool:
        """To be asked after each trial. The first few are let pass: caches fill."""
        import psutil

        self.trials += 1
        now = psutil.Process().memory_info().rss
        if self.trials <= _SETTLED_TRIALS:
            self.settled_bytes = now
            return False
        is_short = psutil.virtual_memory().available < self.settled_bytes
        limit = _GROWTH_WHERE_SHORT if is_short else _GROWTH
        return bool(now > limit * self.settled_bytes)
