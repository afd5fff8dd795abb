"""A file from the network, through Keras: progress on stderr, checked, whole or not there."""

import io
import re
import socket
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from http.client import HTTPException
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

REACHABLE_WITHIN_S = 5.0
STALLED_AFTER_S = 20.0


class DownloadError(Exception):
    """The file isn't to be had from there. The text says why."""


def download(url: str, sha256: str, *, into: Path) -> Path:
    """Download a file into a folder, which is created.

    Args:
        url: Where it is.
        sha256: Its checksum.
        into: The folder that keeps it, under the last part of the URL.

    Returns:
        Where it is kept.

    Raises:
        DownloadError: The host doesn't answer within 5 s, the transfer stalls or breaks off, the
            file has another checksum, or the folder can't be written to.
    """
    _reach(url)
    name = Path(urlsplit(url).path).name
    try:
        into.mkdir(parents=True, exist_ok=True)
        # Keras writes where it is told, piece by piece: another worker that looks at the same
        # moment, or the next one after a kill, would find half a file.
        with tempfile.TemporaryDirectory(prefix=".download-", dir=into) as folder:
            _fetch(url, sha256, Path(folder))
            return Path(folder, name).replace(into / name)
    except Exception as error:  # Keras raises bare `Exception`s
        raise DownloadError(" ".join(str(error).split())) from error


def _fetch(url: str, sha256: str, folder: Path) -> None:
    import keras  # type: ignore[import-untyped, unused-ignore]

    with _progress_on_stderr(url), _socket_timeout(STALLED_AFTER_S):
        keras.utils.get_file(origin=url, file_hash=sha256, cache_dir=str(folder), cache_subdir="")


def _reach(url: str) -> None:
    """Ask the host whether it is there, because without a network a download waits for minutes."""
    failure: list[Exception] = []

    def ask() -> None:
        try:
            request = urllib.request.Request(url, method="HEAD")
            urllib.request.urlopen(request, timeout=REACHABLE_WITHIN_S).close()
        except (OSError, HTTPException, ValueError) as error:
            failure.append(error)

    # In a thread, because looking up a name knows no timeout.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(REACHABLE_WITHIN_S)
    host = urlsplit(url).hostname
    if asking.is_alive():
        raise DownloadError(f"{host} doesn't answer within {REACHABLE_WITHIN_S:g} s")
    if failure:
        reason = getattr(failure[0], "reason", failure[0])
        raise DownloadError(f"{host} can't be reached: {reason}")


@contextmanager
def _progress_on_stderr(url: str) -> Iterator[None]:
    """Keras draws its bar on stdout, where a worker's events go; and on pipes too."""
    if sys.stderr.isatty():
        with redirect_stdout(sys.stderr):
            yield
        return
    print(f"downloading {url}", file=sys.stderr)
    with redirect_stdout(_PercentLines(Path(urlsplit(url).path).name, sys.stderr)):
        yield


class _PercentLines(io.TextIOBase):
    """Turns Keras's bar into a line for every ten percent, for those who read lines."""

    def __init__(self, name: str, out: TextIO) -> None:
        self._name = name
        self._out = out
        self._shown = 0

    def write(self, text: str) -> int:
        bar = re.search(r"(\d+)/(\d+)", text)
        if bar and int(bar[2]):
            percent = 100 * int(bar[1]) // int(bar[2]) // 10 * 10
            if percent > self._shown:
                self._shown = percent
                print(f"downloading {self._name}: {percent} %", file=self._out, flush=True)
        return len(text)


@contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
