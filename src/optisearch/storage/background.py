"""A thread that uses a database beside what the process is about."""

import threading
from types import TracebackType
from typing import Self

from optisearch.storage.database import Database


class Background:
    """Works in a thread of its own for as long as its context lasts, and is in nobody's way.

    In memory it doesn't: there is nobody else whom it could be for.

    Args:
        database: What it uses; while that is away, the thread doesn't wait for it.
        name: The thread's.
        ending_seconds: How long the end of the context waits for the thread's: so that it leaves
            its connection in order (SQLite's log is merged into the file by the last one), and no
            longer, for it may be asking a server that is gone.
    """

    def __init__(self, database: Database, name: str, ending_seconds: float) -> None:
        self._database = database
        self._ending_seconds = ending_seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        if self._database.backend is not None:
            self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(self._ending_seconds)

    def _run(self) -> None:
        with self._database.impatiently():
            self._keep()

    def _keep(self) -> None:
        """The work: until `_over` is set."""
        raise NotImplementedError
