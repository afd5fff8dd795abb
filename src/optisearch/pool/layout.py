"""How this machine is shared out: workers, and threads for each."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field

from optisearch.report import format

# A worker that has settled holds about 0.7 GiB, and is replaced once that has doubled (`Growth`).
WORKER_BYTES = int(1.5 * 2**30)
# Beyond this many, ask for them: an adaptive sampler learns less from more at a time.
_MOST_BY_RULE = 4
_ON_A_GPU = (1, 2, 4)
# What rates measured for some seconds differ by when nothing else does.
_NOISE = 0.05


@dataclass(frozen=True)
class Machine:
    """What there is to share out.

    Attributes:
        cores: The cores that this process may use.
        memory: The bytes that new processes could take without swapping.
        has_gpu: Whether there is an NVIDIA GPU.
    """

    cores: int
    memory: int
    has_gpu: bool = False

    @classmethod
    def here(cls) -> "Machine":
        import psutil

        return cls(available_cores(), psutil.virtual_memory().available, has_gpu())

    @property
    def room(self) -> int:
        """The workers that its memory holds; at least one is tried."""
        return max(1, self.memory // WORKER_BYTES)


@dataclass(frozen=True)
class Layout:
    """Worker processes, and the threads that each may compute with.

    Attributes:
        workers: How many processes.
        threads: How many threads in each.
        why: Why these, for people; empty where they said so themselves.
    """

    workers: int
    threads: int
    why: str = field(default="", compare=False)

    def __str__(self) -> str:
        workers = format.amount(self.workers, "worker")
        return f"{workers} of {format.amount(self.threads, 'thread')}"

    @classmethod
    def of(cls, workers: int | None, machine: Machine | None = None) -> "Layout":
        """The layout for so many workers; for None, by a rule: one a core, to four.

        Several processes of few threads train small models faster than one of many: most of their
        operations are too small to be shared out. Threads beyond the cores slow everybody down.
        """
        machine = machine or Machine.here()
        why = ""
        if workers is None:
            workers, why = _by_rule(machine)
        return cls(workers, max(1, machine.cores // workers), why)

    def environment(self) -> dict[str, str]:
        """What has to be set before TensorFlow starts."""
        threads = str(self.threads)
        variables = {
            "TF_NUM_INTRAOP_THREADS": threads,
            "TF_NUM_INTEROP_THREADS": threads,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
        }
        if self.workers > 1:  # else the first one takes all of a GPU's memory
            variables["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
        return variables


def _by_rule(machine: Machine) -> tuple[int, str]:
    if machine.has_gpu:
        return 1, "for the GPU"
    workers = min(machine.cores, _MOST_BY_RULE, machine.room)
    if workers == machine.cores:
        return workers, "one for each core"
    if workers == machine.room:
        return workers, "memory for no more"
    return workers, f"{_MOST_BY_RULE} unless --workers says more"


def candidates(machine: Machine) -> list[Layout]:
    """The layouts worth measuring, the fewest workers first.

    On a GPU one, two or four workers. Else one with all cores, one for each core, and powers of two
    between; of those with equally many threads the one that leaves the fewest cores idle.
    """
    if machine.has_gpu:
        found = [Layout(n, max(1, machine.cores // n)) for n in _ON_A_GPU]
    else:
        counts = [2**n for n in range(machine.cores.bit_length()) if 2**n < machine.cores]
        counts = [n for n in (*counts, machine.cores) if n <= machine.room]
        found = list({machine.cores // n: Layout(n, machine.cores // n) for n in counts}.values())
    return [layout for layout in found if layout.workers <= machine.room]


def fastest(rates: Mapping[Layout, float]) -> Layout:
    """The layout that trains most; among those within 5 % of it the one with the fewest workers.

    An adaptive sampler learns more from trials that come one after the other.

    Args:
        rates: What the workers of each layout train together, in any unit.
    """
    enough = max(rates.values()) * (1 - _NOISE)
    return min((each for each in rates if rates[each] >= enough), key=lambda each: each.workers)


def available_cores() -> int:
    """The cores that this process may use, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def has_gpu() -> bool:
    """Whether there is an NVIDIA GPU to share; asking TensorFlow would cost seconds."""
    return os.environ.get("CUDA_VISIBLE_DEVICES") != "-1" and bool(shutil.which("nvidia-smi"))
