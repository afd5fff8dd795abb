"""Whether somebody knows the token: by the cookie of the sign-in page, Bearer or Basic.

A token never stands in an address, which ends up in histories and logs.
"""

import binascii
from base64 import b64decode
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from optisearch.dashboard.guard.access import STATIC, Access, Screens
from optisearch.dashboard.guard.attempts import Attempts
from optisearch.dashboard.guard.cookies import Cookies
from optisearch.dashboard.guard.origins import READING
from optisearch.dashboard.guard.refusals import refusal, wants_page
from optisearch.dashboard.guard.signing_in import SIGN_IN, SIGN_OUT, WRONG, SigningIn
from optisearch.dashboard.guard.tokens import Token

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
# Not Basic, though it is taken: browsers would ask in a window of their own.
_CHALLENGE = {"www-authenticate": 'Bearer realm="optisearch"'}


class Open:
    """Where no token is asked for: on the loopback. Says so to our pages."""

    def __init__(self, app: ASGIApp, screens: Screens) -> None:
        self._app = app
        self._screens = screens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["signed_in"] = False
        request = Request(scope)
        answer: ASGIApp = self._app
        if any(name in request.headers for name in _FORWARDED):
            answer = refusal(
                request,
                self._screens.refusal,
                403,
                "A proxy leads others to this dashboard, which asks nobody who they are",
                "Have it started with a token in OPTISEARCH_TOKEN and with --proxy",
            )
        await answer(scope, receive, send)


class Credentials:
    """Lets in who knows the token. Says to our pages whether it was by the sign-in page."""

    def __init__(self, app: ASGIApp, token: Token, screens: Screens) -> None:
        self._app = app
        self._token = token
        self._screens = screens
        self._attempts = Attempts()
        self._cookies = Cookies(token)
        self._signing_in = SigningIn(token, self._attempts, self._cookies, screens.sign_in)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        is_in = self._cookies.is_in(request)
        scope.setdefault("state", {})["signed_in"] = is_in
        path = scope["path"]
        answer: ASGIApp
        if path in (SIGN_IN, SIGN_OUT):
            answer = await self._signing_in.answer(request, is_in=is_in)
        elif is_in or path.startswith(STATIC):
            answer = self._app
        else:
            answer = self._by_header(request) or self._app
        await answer(scope, receive, send)

    def _by_header(self, request: Request) -> Response | None:
        """None for who gives the token with the request; else the answer."""
        given = _given(request.headers.get("authorization", ""))
        if given is None and wants_page(request) and request.method in READING:
            return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': _way(request)})}", 303)
        if given is None:
            return self._unknown(request, "This dashboard asks for a token")
        client = request.client.host if request.client else ""
        wait = self._attempts.wait_seconds(client)
        if wait:
            return self._refusal(
                request,
                429,
                "There were too many wrong tokens",
                f"Try again in {wait} s",
                {"retry-after": str(wait)},
            )
        if self._token.matches(given):
            self._attempts.succeeded(client)
            return None
        self._attempts.failed(client)
        return self._unknown(request, WRONG)

    def _unknown(self, request: Request, what: str) -> Response:
        remedy = "Sign in at /sign-in, or send it as `Authorization: Bearer …`"
        return self._refusal(request, 401, what, remedy, _CHALLENGE)

    def _refusal(
        self, request: Request, status: int, what: str, remedy: str, headers: dict[str, str]
    ) -> Response:
        return refusal(request, self._screens.refusal, status, what, remedy, headers)


def guarded_by_token(app: ASGIApp, access: Access, screens: Screens) -> ASGIApp:
    """The application for those who know the token, if there is one."""
    if access.token is None:
        return Open(app, screens)
    return Credentials(app, access.token, screens)


def _way(request: Request) -> str:
    """What was asked for, to go on to."""
    query = request.scope["query_string"].decode("latin-1")
    way = quote(request.scope["path"])
    return f"{way}?{query}" if query else way


def _given(header: str) -> bytes | None:
    """The token in an `Authorization` header: Bearer's, or Basic's password for any user."""
    scheme, _, rest = header.strip().partition(" ")
    value = rest.strip().encode("latin-1")
    if scheme.lower() == "bearer":
        return value
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(value, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""
