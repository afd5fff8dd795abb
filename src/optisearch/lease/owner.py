"""Who is training a trial, and whether they are known to be gone."""

import os
import socket
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from optisearch import record


@dataclass(frozen=True)
class Owner:
    """A process on a machine.

    Attributes:
        host: The machine's name.
        boot: Tells machines of the same name, and a machine before and after a restart, apart.
        pid: The process's number, which the machine will give to others later.
        started: The process's start in seconds since the epoch: tells it from those others.
    """

    host: str
    boot: str
    pid: int
    started: float

    @classmethod
    def current(cls) -> "Owner":
        import psutil

        process = psutil.Process()
        return cls(socket.gethostname(), _boot(), os.getpid(), round(process.create_time(), 2))

    @classmethod
    def from_attributes(cls, attributes: dict[str, Any]) -> "Owner | None":
        stored = attributes.get(record.OWNER)
        return cls(**stored) if stored else None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    def is_dead(self) -> bool:
        """Whether the process is known to be gone. False for one on another machine."""
        if self.host != socket.gethostname():
            return False
        if self.boot != _boot():
            return True
        import psutil

        try:
            process = psutil.Process(self.pid)
            # A zombie has ended; its parent only hasn't asked how.
            another = abs(process.create_time() - self.started) > 1
            return bool(another or process.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        import psutil

        return f"{psutil.boot_time():.0f}"
