"""Polling for a condition: no test sleeps."""

import subprocess
import time
from collections.abc import Callable

import pytest

# Generous: the machine may be slow and busy. What must be fast, is measured where it is tested.
PATIENCE_SECONDS = 120


def wait_until(
    condition: Callable[[], object],
    what: str,
    seconds: float = PATIENCE_SECONDS,
    *,
    pause: float = 0.02,
):
    """Poll until the condition holds, and return what it returned."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(pause)
    pytest.fail(f"waited {seconds:.0f} s in vain: {what}")


def wait_while(
    process: subprocess.Popen, condition: Callable[[], object], what: str, said: Callable[[], str]
):
    """Poll until the condition holds, while the process lives.

    Args:
        process: The process.
        condition: The condition.
        what: It, in words.
        said: What the process said so far, for the failure's message.
    """

    def holds() -> object:
        ended = process.poll() is not None
        found = condition()
        if ended and not found:
            pytest.fail(f"it ended before: {what}; it said:\n{said()}")
        return found

    return wait_until(holds, what)
