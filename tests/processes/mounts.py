"""Disks that a test may fill."""

import subprocess
from pathlib import Path

from .waiting import wait_until


class Mounts:
    """A mount namespace of its own: its disks can be small, full or read-only.

    Args:
        folder: Where commands run. A folder `disk` is made beside it.
    """

    def __init__(self, folder: Path) -> None:
        self.disk = folder.parent / "disk"
        self.disk.mkdir()
        holder = ["unshare", "--mount", "--propagation", "private", "cat"]
        self._holder = subprocess.Popen(holder, stdin=subprocess.PIPE)
        here = Path("/proc/self/ns/mnt").stat()
        self._path = Path(f"/proc/{self._holder.pid}/ns/mnt")
        wait_until(
            lambda: self._holder.poll() is not None or self._path.stat().st_ino != here.st_ino,
            "unshare enters its namespace",
        )
        self.prefix = (
            "nsenter",
            f"--mount={self._path}",
            "sh",
            "-c",
            'cd "$0" && exec "$@"',
            str(folder),
        )

    def do(self, *words: str) -> None:
        subprocess.run([*self.prefix, *words], check=True, capture_output=True, text=True)

    def seen(self, path: Path) -> Path:
        """The same path as seen from outside."""
        return Path(f"/proc/{self._holder.pid}/root{path}")

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()
