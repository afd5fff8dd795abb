"""How this machine is shared out: workers, and threads for each."""

import os
import shutil
from dataclasses import dataclass

# TensorFlow takes about 0.6 GB a process; beyond this many, ask for them with --workers.
_MOST_AUTOMATIC_WORKERS = 4


@dataclass(frozen=True)
class Layout:
    """Worker processes, and the threads that each may compute with."""

    workers: int
    threads: int

    @classmethod
    def of(cls, workers: int | None) -> "Layout":
        """The layout for so many workers; for None, one that uses the machine well.

        Several processes of few threads train small models faster than one of many: most of their
        operations are too small to be shared out. Threads beyond the cores slow everybody down.
        """
        cores = available_cores()
        if workers is None:
            workers = 1 if has_gpu() else min(cores, _MOST_AUTOMATIC_WORKERS)
        return cls(workers, max(1, cores // workers))

    def environment(self) -> dict[str, str]:
        """What has to be set before TensorFlow starts."""
        threads = str(self.threads)
        return {
            "TF_NUM_INTRAOP_THREADS": threads,
            "TF_NUM_INTEROP_THREADS": threads,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
        }


def available_cores() -> int:
    """The cores that this process may use, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def has_gpu() -> bool:
    """Whether there is an NVIDIA GPU to share; asking TensorFlow would cost seconds."""
    return os.environ.get("CUDA_VISIBLE_DEVICES") != "-1" and bool(shutil.which("nvidia-smi"))
