"""Whether a request comes from our own pages: another site's must not act for who is signed in.

Browsers say where a request comes from: in `Sec-Fetch-Site` (behind TLS and on the loopback) and,
with all but GET and HEAD, in `Origin`. Programs say neither; they can't be made to send JSON by a
page of another site, since that one would have to ask first (CORS), which is never granted.

https://web.dev/articles/fetch-metadata, https://fetch.spec.whatwg.org/#cors-safelisted-request-header
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from optisearch.dashboard.guard.access import Screens
from optisearch.dashboard.guard.refusals import refusal

READING = ("GET", "HEAD")
_OURS = ("same-origin", "none")  # none: typed, or from a bookmark


class Origins:
    """Refuses what another site's page asks for: any change, and reading what isn't opened."""

    def __init__(self, app: ASGIApp, screens: Screens) -> None:
        self._app = app
        self._screens = screens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if not (_may_read(request) if request.method in READING else _may_change(request)):
            answer = refusal(
                request,
                self._screens.refusal,
                403,
                "This was asked for by a page of another site, or by nobody knows whom",
                "Open the dashboard itself; a program has to send application/json",
            )
        elif _is_of_another_kind(request):
            answer = refusal(
                request,
                self._screens.refusal,
                415,
                "The API takes JSON alone",
                "Send it as application/json",
            )
        else:
            await self._app(scope, receive, send)
            return
        await answer(scope, receive, send)


def _may_read(request: Request) -> bool:
    """A link from elsewhere may be followed; no other page may have ours as a part of it."""
    site = request.headers.get("sec-fetch-site", "none")
    return site in _OURS or request.headers.get("sec-fetch-mode") == "navigate"


def _may_change(request: Request) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is None:
        return _is_json(request)
    ours = origin is None or urlsplit(origin).netloc == request.headers["host"]
    return ours and site in (None, "same-origin")


def _is_of_another_kind(request: Request) -> bool:
    has_body = request.headers.get("content-length", "0") != "0" or (
        "transfer-encoding" in request.headers
    )
    is_api = request.scope["path"].startswith("/api")
    return is_api and request.method not in READING and has_body and not _is_json(request)


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower() == "application/json"
