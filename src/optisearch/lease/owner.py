"""Who is training a trial, and whether they are known to be gone."""

import os
import re
import socket
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from optisearch import record
from optisearch.errors import StorageError

# A lost trial is back within a minute: three heartbeats of grace, and two until it is noticed.
HEARTBEAT_SECONDS = 10.0
HEARTBEAT_VARIABLE = "OPTISEARCH_HEARTBEAT"
_NUMBER = re.compile(r"\d{1,6}(\.\d+)?")


@dataclass(frozen=True)
class Owner:
    """A process on a machine.

    Attributes:
        host: The machine's name.
        boot: Tells machines of the same name, and a machine before and after a restart, apart.
        namespace: In which the number means this process: a container has numbers of its own.
        pid: The process's number, which the machine will give to others later.
        started: The process's start in seconds since the epoch: tells it from those others.
        heartbeat_seconds: How often it shows that it lives.
    """

    host: str
    boot: str
    pid: int
    started: float
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    namespace: str = ""

    @classmethod
    def current(cls) -> "Owner":
        import psutil

        process = psutil.Process()
        began = round(process.create_time(), 2)
        return cls(
            host=socket.gethostname(),
            boot=_boot(),
            pid=os.getpid(),
            started=began,
            heartbeat_seconds=heartbeat_seconds(),
            namespace=_namespace(),
        )

    @classmethod
    def from_attributes(cls, attributes: dict[str, Any]) -> "Owner | None":
        stored = attributes.get(record.OWNER)
        return cls.from_stored(stored) if stored else None

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> "Owner":
        known = {each.name for each in fields(cls)}  # a newer version may have stored more
        return cls(**{name: value for name, value in stored.items() if name in known})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    def is_dead(self, *, one_machine: bool = False) -> bool:
        """Whether the process is known to be gone. Of another machine's nothing is known.

        Args:
            one_machine: Whether all owners are of this machine, as on a SQLite file: one of another
                boot is then of before the last restart, and not of a machine of the same name.
        """
        if self.boot != _boot():
            return one_machine and self.host == socket.gethostname()
        if self.namespace != _namespace():
            return False
        import psutil

        try:
            process = psutil.Process(self.pid)
            # A zombie has ended; its parent only hasn't asked how.
            another = abs(process.create_time() - self.started) > 1
            return bool(another or process.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True


def heartbeat_seconds() -> float:
    """The time between two heartbeats of this process, from the environment or by default.

    Raises:
        StorageError: The environment says something that is no time.
    """
    said = os.environ.get(HEARTBEAT_VARIABLE) or str(HEARTBEAT_SECONDS)
    seconds = float(said) if _NUMBER.fullmatch(said) else 0.0
    if seconds > 0.0:
        return seconds
    raise StorageError(
        "this is no number of seconds above 0",
        where=f"{HEARTBEAT_VARIABLE}={said}",
        remedy=f"Correct it, or leave it out for {HEARTBEAT_SECONDS:.0f}",
    )


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        import psutil

        return f"{psutil.boot_time():.0f}"


@cache
def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""  # not Linux
