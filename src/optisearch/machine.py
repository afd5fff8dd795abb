"""What a process computes with, as far as a training's numbers may depend on it.

The sum of floating-point numbers depends on the order of its terms: on how many threads share them,
and on what instructions and libraries a processor or a GPU is given.
"""

import os
import platform
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from optisearch.errors import Difference

_THREADS = "TF_NUM_INTRAOP_THREADS"
# What else has to have so many before TensorFlow starts, as `run` sets it for its workers.
_ALL_THREADS = (_THREADS, "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# TensorFlow's own: kernels that give the same numbers again, or an error where there are none.
DETERMINISTIC = "TF_DETERMINISTIC_OPS"
# By these people choose other kernels.
_SWITCHES = (DETERMINISTIC, "TF_ENABLE_ONEDNN_OPTS", "TF_CUDNN_DETERMINISTIC")
_VECTORS = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile")
_CPU = Path("/proc/cpuinfo")
_GPUS = Path("/proc/driver/nvidia/gpus")


def describe() -> dict[str, Any]:
    """This machine and process, as JSON values.

    Returns:
        `processor`; `instructions`, its vector instructions; `gpus`, those that are visible;
        `system`; `threads`, how many compute; `switches`, the environment's words about kernels.
    """
    return {
        **_machine(),
        "gpus": _gpus(),
        "threads": _threads(),
        "switches": {name: os.environ[name] for name in _SWITCHES if name in os.environ},
    }


def environment(described: Mapping[str, Any]) -> dict[str, str]:
    """What has to be set before TensorFlow starts, to compute as what is described did."""
    threads = described.get("threads")
    given = dict.fromkeys(_ALL_THREADS, str(threads)) if threads else {}
    switches = described.get("switches") or {}
    return given | {name: str(switches[name]) for name in _SWITCHES if name in switches}


def differences(stored: Mapping[str, Any], here: Mapping[str, Any]) -> list[Difference]:
    """Where two descriptions differ."""
    return [
        Difference(name, _text(stored.get(name)), _text(here.get(name)))
        for name in dict.fromkeys([*stored, *here])
        if stored.get(name) != here.get(name)
    ]


@cache
def _machine() -> dict[str, str]:
    words = dict(_first_processor())
    flags = (words.get("flags") or words.get("Features") or "").split()
    return {
        "processor": words.get("model name") or platform.processor() or platform.machine(),
        "instructions": " ".join(name for name in _VECTORS if name in flags),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _first_processor() -> Iterator[tuple[str, str]]:
    for line in _lines(_CPU):
        if not line.strip():
            return
        name, _, value = line.partition(":")
        yield name.strip(), value.strip()


def _gpus() -> list[str]:
    # With none of the machine's visible, or a driver that has no such files, there is none to name.
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1"):
        return []
    return _models()


@cache
def _models() -> list[str]:
    files = sorted(_GPUS.glob("*/information"))
    found = (re.match(r"Model:\s*(.+)", line) for file in files for line in _lines(file))
    return [match[1].strip() for match in found if match]


def _threads() -> int:
    asked = os.environ.get(_THREADS, "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    # As TensorFlow counts, which knows nothing of quotas.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={each}" for name, each in value.items()) or "nothing"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value in (None, "") else str(value)
