"""Whether the database answers, asked at most once a second however many want to know."""

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from optisearch.errors import StorageError
from optisearch.storage import Database, check_place
from optisearch.storage.servers import engine_options

if TYPE_CHECKING:
    import sqlalchemy

PATH = "/healthz"
_FRESH_SECONDS = 1.0
_WAIT_SECONDS = 3.0
_SLOW = StorageError("the database doesn't answer", remedy="Look at its server and at the network")


class Health:
    """Whether the database answers.

    It is asked by a thread and over a connection of its own, so that whatever else goes on can't
    make it seem to be away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._engine = _engine(database)
        self._thread = ThreadPoolExecutor(1, "health")
        self._asked: asyncio.Future[StorageError | None] | None = None
        self._fresh_until = 0.0
        self._trouble: StorageError | None = None

    async def answer(self, _request: Request) -> Response:
        """At `/healthz`, for whoever asks: that, and nothing else."""
        if await self.trouble():
            return PlainTextResponse("The database doesn't answer.\n", 503)
        return PlainTextResponse("ok\n")

    async def trouble(self) -> StorageError | None:
        """What is wrong with the database; None where it answers."""
        if time.monotonic() >= self._fresh_until:
            if self._asked is None or self._asked.done():
                loop = asyncio.get_running_loop()
                self._asked = loop.run_in_executor(self._thread, self._ask)
            done, _ = await asyncio.wait({self._asked}, timeout=_WAIT_SECONDS)
            self._note(self._asked.result() if done else _SLOW)
        return self._trouble

    def close(self) -> None:
        """Ask no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _note(self, trouble: StorageError | None) -> None:
        self._fresh_until = time.monotonic() + _FRESH_SECONDS
        if (trouble is None) != (self._trouble is None):
            state = "back" if trouble is None else f"away: {trouble.what}"
            print(f"{time.strftime('%H:%M:%S')} the database is {state}", file=sys.stderr)
        self._trouble = trouble

    def _ask(self) -> StorageError | None:
        try:
            with self._database.errors():
                self._select()
        except StorageError as error:
            return error
        return None

    def _select(self) -> None:
        if self._engine is None or self._database.address is None:
            return
        # SQLite would make an empty file of one that is gone.
        check_place(self._database.address, must_exist=True)
        with self._engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1 FROM studies LIMIT 1")


def _engine(database: Database) -> "sqlalchemy.Engine | None":
    """One that connects anew each time."""
    import sqlalchemy

    if database.address is None:
        return None
    options = engine_options(database.address, int(_WAIT_SECONDS))
    kept = {name: options[name] for name in ("connect_args", "pool_events") if name in options}
    url = database.address.sqlalchemy_url
    return sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool, **kept)
