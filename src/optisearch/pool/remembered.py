"""Layouts that were measured, in a small file of the user's cache folder."""

import ast
import contextlib
import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

from optisearch.manifest import versions
from optisearch.pool.layout import Layout, Machine

_MOST = 100
_PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Measured:
    """The layout that trained most.

    Attributes:
        workers: See `Layout`.
        threads: See `Layout`.
        rate: Epochs a second of all workers together.
        sizes: The numbers of the data's records; None without data.
        day: When it was measured, as 2026-11-21.
    """

    workers: int
    threads: int
    rate: float
    sizes: Mapping[str, int | None] | None
    day: str

    @property
    def layout(self) -> Layout:
        return Layout(self.workers, self.threads, "measured")


def key(source: str, train_samples: int | None, machine: Machine) -> str:
    """What a measurement holds for: this machine, this study, these versions.

    Args:
        source: The study file's text; its comments and layout don't count.
        train_samples: Train on so many records only.
        machine: The machine. Its memory doesn't count.
    """
    code = ast.unparse(ast.parse(source))
    gpus = [*_gpus(), *machine.gpus] if machine.gpus else []
    told = [socket.gethostname(), machine.cores, gpus, code, train_samples, versions()]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


class Remembered:
    """The file. One that is damaged holds nothing; one that can't be written stays as it is.

    Attributes:
        path: Where it lies, or would lie.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or platformdirs.user_cache_path("optisearch") / "layouts.json"

    def find(self, key: str) -> Measured | None:
        """What was measured under that key."""
        try:
            measured = Measured(**self._read()[key])
            valid = measured.workers >= 1 and measured.threads >= 1 and measured.rate > 0
        except (KeyError, TypeError):
            return None
        return measured if valid else None

    def keep(self, key: str, measured: Measured) -> bool:
        """Remember it; whether that worked."""
        kept = self._read()
        kept.pop(key, None)  # the latest stand last
        return self._write({**kept, key: asdict(measured)})

    def forget(self, key: str) -> None:
        """Have it measured again the next time."""
        kept = self._read()
        if kept.pop(key, None) is not None:
            self._write(kept)

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def _write(self, kept: dict[str, Any]) -> bool:
        text = json.dumps(dict(list(kept.items())[-_MOST:]), indent=1)
        # Whole or not at all: another command may be reading it.
        whole = self.path.with_suffix(f".{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            whole.write_text(text, encoding="utf-8")
            whole.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                whole.unlink(missing_ok=True)
            return False
        return True


def _gpus() -> list[str]:
    """The GPUs by name; none where the driver doesn't answer."""
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_PATIENCE_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return said.stdout.splitlines()
