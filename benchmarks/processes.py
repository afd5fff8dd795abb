"""Processes of their own: what they cost from start to end, and what is computed in one."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from rich.console import Console

from benchmarks import ROOT
from optisearch.chatter import without_chatter

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "2"}
_progress = Console(stderr=True, highlight=False)


def note(text: str) -> None:
    """Say how far it is, on standard error."""
    _progress.print(f"[dim]{time.strftime('%H:%M:%S')}[/] {text}")


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a process of its own, which has imported nothing yet.

    TensorFlow gives neither memory nor graphs back: what a contender leaves behind would slow down
    those of the next round.
    """
    os.environ.update(QUIET)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_quietly, function, *arguments).result()


def _quietly(function: Callable[..., Any], *arguments: Any) -> Any:
    with without_chatter():
        return function(*arguments)


def start(
    arguments: Sequence[str], environment: Mapping[str, str], output: Any
) -> "subprocess.Popen[bytes]":
    """Start Python with these arguments, in the repository's root."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | QUIET | environment,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def seconds(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> float:
    """The time that such a process takes, from start to end.

    Raises:
        RuntimeError: It failed; with the end of what it printed.
    """
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        code = start(arguments, environment or {}, output).wait()
        took = time.perf_counter() - began
        if code:
            output.seek(0)
            said = output.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"python {' '.join(arguments)} ended with {code}:\n{said}")
    return took
