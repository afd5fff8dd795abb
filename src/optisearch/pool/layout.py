"""How this machine is shared out: workers, and threads and GPUs for each."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from optisearch.pool.gpus import VISIBLE, Gpus, select
from optisearch.report import format
from optisearch.resources import available_cores, available_memory

# A worker that has settled holds about 0.7 GiB, and is replaced once that has doubled (`Growth`).
WORKER_BYTES = int(1.5 * 2**30)
# Beyond this many, ask for them: an adaptive sampler learns less from more at a time.
_MOST_BY_RULE = 4
_ON_A_GPU = (1, 2, 4)
_NO_MEMORY = "memory for no more"
# What rates measured for some seconds differ by when nothing else does.
_NOISE = 0.05


@dataclass(frozen=True)
class Machine:
    """What there is to share out.

    Attributes:
        cores: The cores that this process may use.
        memory: The bytes that new processes could take without swapping or being killed.
        gpus: The NVIDIA GPUs to use, as `CUDA_VISIBLE_DEVICES` names them.
    """

    cores: int
    memory: int
    gpus: tuple[str, ...] = ()

    @classmethod
    def here(cls, asked: Gpus = None) -> "Machine":
        """This machine, with those of its GPUs that were asked for.

        Raises:
            OptisearchError: One of them isn't there.
        """
        return cls(available_cores(), available_memory(), select(asked))

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
        gpus: The GPUs that they are dealt, as `CUDA_VISIBLE_DEVICES` names them.
    """

    workers: int
    threads: int
    why: str = field(default="", compare=False)
    gpus: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        workers = (
            f"{format.amount(self.workers, 'worker')} of {format.amount(self.threads, 'thread')}"
        )
        return f"{workers} on {format.amount(len(self.gpus), 'GPU')}" if self.gpus else workers

    @classmethod
    def of(cls, workers: int | None, machine: Machine | None = None) -> "Layout":
        """The layout for so many workers; for None, by a rule: one a GPU, else one a core, to four.

        Several processes of few threads train small models faster than one of many: most of their
        operations are too small to be shared out. Threads beyond the cores slow everybody down.
        """
        machine = machine or Machine.here()
        why = ""
        if workers is None:
            workers, why = _by_rule(machine)
        return cls(workers, max(1, machine.cores // workers), why, machine.gpus)

    def dealt(self, name: int) -> tuple[str, ...]:
        """The GPUs of the worker of that name, which counts from 1; a successor has its
        predecessor's. They are dealt out in turn: more workers than GPUs share them, fewer have
        several each.
        """
        first = (name - 1) % max(1, len(self.gpus))
        return self.gpus[first :: self.workers]

    def environment(self, name: int = 1) -> dict[str, str]:
        """What has to be set for the worker of that name before TensorFlow starts."""
        threads = str(self.threads)
        variables = {
            "TF_NUM_INTRAOP_THREADS": threads,
            "TF_NUM_INTEROP_THREADS": threads,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
        }
        if self.workers > max(1, len(self.gpus)):  # else the first one takes all of a GPU's memory
            variables["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
        if self.gpus:
            variables[VISIBLE] = ",".join(self.dealt(name))
            if VISIBLE not in os.environ:  # else the order is that of who named them
                variables["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"
        return variables


def _by_rule(machine: Machine) -> tuple[int, str]:
    if machine.gpus:
        workers = min(len(machine.gpus), machine.room)
        return workers, "one for each GPU" if workers == len(machine.gpus) else _NO_MEMORY
    workers = min(machine.cores, _MOST_BY_RULE, machine.room)
    if workers == machine.cores:
        return workers, "one for each core"
    if workers == machine.room:
        return workers, _NO_MEMORY
    return workers, f"{_MOST_BY_RULE} unless --workers says more"


def candidates(machine: Machine) -> list[Layout]:
    """The layouts worth measuring, the fewest workers first.

    On each GPU one, two or four workers. Else one with all cores, one for each core, and powers of
    two between; of those with equally many threads the one that leaves the fewest cores idle.
    """
    if machine.gpus:
        counts = [n * len(machine.gpus) for n in _ON_A_GPU if n * len(machine.gpus) <= machine.room]
        counts = counts or [machine.room]
        found = [Layout(n, max(1, machine.cores // n), gpus=machine.gpus) for n in counts]
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
