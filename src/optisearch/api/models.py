"""`export` and `replay`, each in a process of its own.

This one may have imported TensorFlow by now, with another number of threads than the trial had, and
would come to other numbers.
"""

import os
import subprocess
import sys
from dataclasses import dataclass

from optisearch.address import Address
from optisearch.api.progress import console
from optisearch.errors import OptisearchError
from optisearch.worker import ExitCode

_ERROR = "error: "


@dataclass(frozen=True)
class Replayed:
    """What a replay found.

    Attributes:
        is_same: Whether the monitored metric is the same to the last digit in each epoch.
        text: The verdict, and what differs of code, data, versions and machine.
    """

    is_same: bool
    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


class CommandError(OptisearchError):
    """A command's error, as it put it."""

    def __str__(self) -> str:
        return self.what


def export(address: Address, *words: str) -> None:
    """Write a trial's model and its card, and say so.

    Args:
        address: The database.
        words: Those of the command, behind `optisearch export`.

    Raises:
        OptisearchError: As the command says.
    """
    console().print(_run(address, "export", *words).stdout.strip(), markup=False, soft_wrap=True)


def replay(address: Address, *words: str) -> Replayed:
    """Train a trial again, and compare.

    Args:
        address: The database.
        words: Those of the command, behind `optisearch replay`.

    Raises:
        OptisearchError: As the command says.
    """
    done = _run(address, "replay", *words)
    return Replayed(done.returncode == ExitCode.DONE, done.stdout.strip())


def _environment(address: Address) -> dict[str, str]:
    """A notebook's asks for colours, and so for what moves."""
    kept = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    return kept | {"OPTISEARCH_STORAGE": address.text}


def _run(address: Address, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "optisearch", command, *words],
        env=_environment(address),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    has_verdict = done.returncode == ExitCode.FAILURES and done.stdout.strip()
    if done.returncode == ExitCode.DONE or has_verdict:
        return done
    _, found, said = done.stderr.rpartition(_ERROR)
    raise CommandError(said.strip() if found else f"optisearch {command} failed\n{done.stderr}")
