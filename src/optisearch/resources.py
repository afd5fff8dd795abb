"""What of the machine this process may use: cores and memory.

Containers and Slurm limit their processes by Linux's control groups, of which the machine's own
figures say nothing (https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1).
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path

_MEMBERSHIP = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")
# Of version 2 and of version 1: the limit, the use, and what of it can be had back without harm.
_MEMORY = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def available_cores() -> int:
    """The cores that this process may use, which may be fewer than the machine has.

    Of a quota whole cores only: who uses it up stands still for the rest of each period.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return max(1, int(min(cores, _quota())))


def available_memory() -> int:
    """The bytes that new processes could take without swapping or being killed."""
    import psutil

    return int(min(psutil.virtual_memory().available, _memory_left()))


def _quota() -> float:
    """The cores' worth of time that the control groups grant; infinite without a limit."""
    granted = math.inf
    for group in _groups("cpu"):
        # Version 2 has both numbers in one file.
        words = _words(group / "cpu.max") or [
            *_words(group / "cpu.cfs_quota_us"),
            *_words(group / "cpu.cfs_period_us"),
        ]
        match words:
            case [quota, period] if quota not in ("max", "-1"):
                granted = min(granted, int(quota) / int(period))
    return granted


def _memory_left() -> float:
    """The bytes up to the nearest limit of a control group; infinite where there is none.

    File pages that weren't used lately count as free, as Kubernetes counts them.
    """
    left = math.inf
    for group in _groups("memory"):
        for limit, used, inactive in _MEMORY:
            match _words(group / limit), _words(group / used):
                case [most], [now] if most != "max":
                    words = _words(group / "memory.stat")
                    reclaimable = dict(zip(words[::2], words[1::2], strict=False)).get(inactive, 0)
                    left = min(left, int(most) - int(now) + int(reclaimable))
    return max(0, left)


def _groups(controller: str) -> Iterator[Path]:
    """The folders of this process's control groups, from the innermost to the outermost.

    In a container the outermost may be its own, under a path that only the host knows: what isn't
    there is empty.
    """
    for line in _lines(_MEMBERSHIP):
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        mount = _MOUNT / controller if controllers else _MOUNT
        group = mount / path.lstrip("/")
        yield from (each for each in (group, *group.parents) if each.is_relative_to(mount))


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux, no such controller, or nothing that this process may know
        return []


def _words(file: Path) -> list[str]:
    return " ".join(_lines(file)).split()
