"""The sign-in page: the token in, a cookie out. And signing out."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from optisearch.dashboard.guard.attempts import Attempts
from optisearch.dashboard.guard.cookies import Cookies
from optisearch.dashboard.guard.tokens import Token

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
WRONG = "This isn't the token"
_MOST_BYTES = 16_384
# A path of this server and nothing that a browser might read as another: `//x`, `/\x`, `/<tab>/x`.
_OURS = re.compile(r"/(?![/\\])[!-\[\]-~]*")


class SigningIn:
    """Answers at `/sign-in` and `/sign-out`.

    Args:
        token: What has to be given.
        attempts: Counts wrong ones.
        cookies: What is given for the right one.
        page: Draws the form: of where to go on to, and of what was wrong.
    """

    def __init__(
        self,
        token: Token,
        attempts: Attempts,
        cookies: Cookies,
        page: Callable[[str, str], str],
    ) -> None:
        self._token = token
        self._attempts = attempts
        self._cookies = cookies
        self._page = page

    async def answer(self, request: Request, *, is_in: bool) -> Response:
        """The answer to a request at one of the two.

        Args:
            request: The request. That it comes from our own page was checked.
            is_in: Whether it is of somebody who has signed in already.
        """
        if request.scope["path"] == SIGN_OUT:
            return self._sign_out(request)
        if request.method in ("GET", "HEAD"):
            onward = _ours(request.query_params.get("next", ""))
            return _onto(onward) if is_in else HTMLResponse(self._page(onward, ""))
        if request.method != "POST":
            return Response(status_code=405, headers={"allow": "GET, HEAD, POST"})
        return await self._sign_in(request)

    async def _sign_in(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        fields = parse_qs(body.decode("latin-1"))
        onward = _ours(fields.get("next", [""])[0])
        client = request.client.host if request.client else ""
        wait = self._attempts.wait_seconds(client)
        if wait:
            page = self._page(onward, f"There were too many wrong tokens. Try again in {wait} s.")
            return HTMLResponse(page, 429, {"retry-after": str(wait)})
        if not self._token.matches(fields.get("token", [""])[0].strip().encode()):
            self._attempts.failed(client)
            return HTMLResponse(self._page(onward, f"{WRONG}."), 401)
        self._attempts.succeeded(client)
        answer = _onto(onward)
        self._cookies.give(request, answer)
        return answer

    def _sign_out(self, request: Request) -> Response:
        if request.method != "POST":  # a link elsewhere could sign people out
            return Response(status_code=405, headers={"allow": "POST"})
        answer = _onto(SIGN_IN)
        self._cookies.take(request, answer)
        return answer


async def _body(request: Request) -> bytes | None:
    """What was sent; None where it is too much for a form."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > _MOST_BYTES:
                return None
    except ClientDisconnect:
        return None
    return body


def _ours(way: str) -> str:
    return way if _OURS.fullmatch(way) else "/"


def _onto(way: str) -> Response:
    return RedirectResponse(way, 303)
