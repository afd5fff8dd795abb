"""Whether what is stored may be changed: optuna-dashboard itself knows no such question."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from optisearch.dashboard.guard.access import Access, Screens
from optisearch.dashboard.guard.origins import READING
from optisearch.dashboard.guard.refusals import refusal


class Changes:
    """Lets nothing but reading through, unless changes are allowed. Says so to our pages."""

    def __init__(self, app: ASGIApp, access: Access, screens: Screens) -> None:
        self._app = app
        self._may_change = access.may_change
        self._screens = screens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["can_change"] = self._may_change
        request = Request(scope)
        if self._may_change or request.method in READING:
            await self._app(scope, receive, send)
            return
        answer = refusal(
            request,
            self._screens.refusal,
            403,
            "This dashboard is read-only",
            "To change studies in it, have it started with --allow-changes",
        )
        await answer(scope, receive, send)
