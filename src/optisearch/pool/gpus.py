"""Which NVIDIA GPUs there are for workers. TensorFlow isn't asked: that would cost seconds."""

import os
import re
import subprocess
from typing import Literal

from optisearch.errors import OptisearchError
from optisearch.report import format

# Numbers from 0 among those that are visible; `all`: there must be one; None: what there is.
Gpus = tuple[int, ...] | Literal["all"] | None

VISIBLE = "CUDA_VISIBLE_DEVICES"
# A driver that isn't loaded yet takes some seconds to answer.
_PATIENCE_SECONDS = 10


def visible() -> tuple[str, ...]:
    """The GPUs that a process started now would see, as `CUDA_VISIBLE_DEVICES` names them.

    None where the driver doesn't answer.
    """
    present = _present()
    named = os.environ.get(VISIBLE)
    if named is None or not present:
        return present
    found: list[str] = []
    for name in map(str.strip, named.split(",")):
        # CUDA sees none after the first that doesn't exist: so `-1` hides all.
        if name not in present and not name.startswith(("GPU-", "MIG-")):
            break
        found.append(name)
    return tuple(found)


def select(asked: Gpus) -> tuple[str, ...]:
    """The GPUs that were asked for, as `CUDA_VISIBLE_DEVICES` names them.

    Raises:
        OptisearchError: One of them isn't there.
    """
    found = visible()
    if asked is None:
        return found
    if not found:
        raise OptisearchError(
            "no GPU is visible here",
            where="--gpus",
            remedy=f"See what `nvidia-smi -L` says, and whether {VISIBLE} hides them, or leave the "
            "option out to train on the processor",
        )
    if asked == "all":
        return found
    unknown = [number for number in asked if number >= len(found)]
    if unknown:
        are = "are" if len(found) > 1 else "is"
        among = f" among those that {VISIBLE} names" if VISIBLE in os.environ else ""
        raise OptisearchError(
            f"there is no GPU {unknown[0]}; {format.amount(len(found), 'GPU')} {are} visible here",
            where="--gpus",
            remedy=f"Count from 0{among}, or write all",
        )
    return tuple(found[number] for number in asked)


def _present() -> tuple[str, ...]:
    """The numbers that `nvidia-smi` gives, in the order of the PCI bus."""
    try:
        said = subprocess.run(
            ["nvidia-smi", "-L"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_PATIENCE_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(re.findall(r"^GPU (\d+):", said.stdout, re.MULTILINE))
