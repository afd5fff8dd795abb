"""What is answered while the database is away: a sentence, until it is back."""

import logging
import sys

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from optisearch.address import Address
from optisearch.dashboard.guard.access import Screens
from optisearch.dashboard.guard.refusals import refusal
from optisearch.dashboard.health import Health
from optisearch.errors import StorageError
from optisearch.storage.errors import explain, is_database_error

_FAILED, _AWAY = 500, 503
_AGAIN_SECONDS = 5


class WhileAway:
    """Answers 503 in place of what failed because of the database.

    optuna-dashboard answers 500 to any error: whether it was the database is asked then.
    """

    def __init__(
        self, app: ASGIApp, *, health: Health, address: Address | None, screens: Screens
    ) -> None:
        self._app = app
        self._health = health
        self._address = address
        self._screens = screens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False
        trouble: StorageError | None = None

        async def watched(message: Message) -> None:
            nonlocal has_begun, trouble
            if message["type"] == "http.response.start":
                if message["status"] == _FAILED:
                    trouble = await self._health.trouble()
                has_begun = trouble is None
            if trouble is None:
                await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            trouble = self._explained(error)
            if trouble is None or has_begun:
                raise
        if trouble is not None:
            request = Request(scope)
            headers = {"retry-after": str(_AGAIN_SECONDS)}
            answer = refusal(
                request,
                self._screens.refusal,
                _AWAY,
                trouble.what[:1].upper() + trouble.what[1:],
                f"{trouble.remedy}; once it is back, so is this page",
                headers,
            )
            await answer(scope, receive, send)

    def _explained(self, error: Exception) -> StorageError | None:
        if isinstance(error, StorageError):
            return error
        return None if self._address is None else explain(error, self._address)


def quieten() -> None:
    """Have optuna-dashboard not log the database's absence, with its traceback, at each request."""
    logging.getLogger("optuna_dashboard._bottle_util").addFilter(_is_worth_saying)


def _is_worth_saying(_record: logging.LogRecord) -> bool:
    error = sys.exception()
    return error is None or not is_database_error(error)
