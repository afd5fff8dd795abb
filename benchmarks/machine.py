"""What a measurement was taken on, and with which versions."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from optisearch.pool.layout import available_cores

PACKAGES = {
    "TensorFlow": "tensorflow",
    "Keras": "keras",
    "Optuna": "optuna",
    "KerasTuner": "keras-tuner",
    "OptiSearch": "optisearch",
}


def machine() -> str:
    """Its cores, processor, memory and system."""
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.release()}"
    return f"{available_cores()} cores of {_processor()}, {memory:.0f} GiB, {system}"


def versions() -> str:
    """Those of Python and of what is compared."""
    known = {"Python": platform.python_version()}
    for name, package in PACKAGES.items():
        try:
            known[name] = version(package)
        except PackageNotFoundError:
            known[name] = "(not installed)"
    return ", ".join(f"{name} {number}" for name, number in known.items())


def load() -> str:
    """How busy the machine was without us: a figure near 0, or the measurements say little."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _processor() -> str:
    # platform.processor() says only "x86_64" on Linux.
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
