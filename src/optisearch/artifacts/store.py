"""A store that may fail: a trial goes on without it, and one line says so."""

import contextlib
import io
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from optisearch.artifacts.places import Place, open_store
from optisearch.tracebacks import headline

if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore

# A store that failed is left alone for so long: trying may take its client half a minute.
_REST_SECONDS = 300.0

Say = Callable[[str], None]
_EXTRAS = {"boto3": "s3", "botocore": "s3", "google": "gcs"}


class Store:
    """Keeps bytes under names, as far as it can.

    Args:
        place: Where.
        say: Is told once when it fails.
        opened: Opens the place, when it is first needed.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        place: Place,
        say: Say,
        opened: "Callable[[Place], ArtifactStore]" = open_store,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.place = place
        self._say = say
        self._opened = opened
        self._clock = clock
        self._resting_until = -float("inf")
        self._warned = False

    @cached_property
    def _store(self) -> "ArtifactStore":
        return self._opened(self.place)

    def write(self, name: str, content: bytes) -> bool:
        """Keep it, and say whether it is kept. What is there by half is removed again."""
        if self._clock() < self._resting_until:
            return False
        try:
            self._store.write(name, io.BytesIO(content))
        except Exception as error:
            self._failed(error)
            if self.place.kind == "folder":  # a bucket has an object whole or not at all
                with contextlib.suppress(Exception):
                    self._store.remove(name)
            return False
        return True

    def read(self, name: str) -> bytes:
        """What is kept under a name.

        Raises:
            Exception: It isn't there, or can't be read.
        """
        with contextlib.closing(self._store.open_reader(name)) as reader:
            return reader.read()

    def remove(self, name: str) -> None:
        """Remove it, if it is there."""
        from optuna.artifacts.exceptions import ArtifactNotFound

        if self._clock() < self._resting_until:
            return
        try:
            self._store.remove(name)
        except ArtifactNotFound:
            return
        except Exception as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._resting_until = self._clock() + _REST_SECONDS
        if not self._warned:
            self._warned = True
            self._say(
                f"artifacts: {self.place} can't be used ({why(error)}): trials go on, without "
                "checkpoints and tables of their epochs"
            )


def why(error: Exception) -> str:
    """An error of a store, in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    missing = (error.name or "").partition(".")[0] if isinstance(error, ImportError) else ""
    if missing in _EXTRAS:
        return f"pip install optisearch[{_EXTRAS[missing]}]"
    return headline(error, 200)
