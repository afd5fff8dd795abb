"""What browsers are told of every answer: to guess nothing, to frame it nowhere, to keep little."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from optisearch.dashboard.guard.hosts import is_loopback

# For pages of ours, which consist of files under /static-optisearch and are complete in themselves.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Within the site it stays: with `no-referrer` forms would be sent with `Origin: null`.
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_OPENER_POLICY = "cross-origin-opener-policy"
_YEAR = "max-age=31536000"
# What is public, and may be kept: it is asked for again when it has changed.
_PUBLIC = ("/static/", "/static-optisearch/", "/favicon.ico")


class AnswerHeaders:
    """Adds headers to every answer, refusals included.

    Args:
        app: The application.
        is_private: Whether there is a token: then browsers keep nothing on their disks.
    """

    def __init__(self, app: ASGIApp, *, is_private: bool) -> None:
        self._app = app
        self._is_private = is_private

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # nothing here speaks anything else

        async def completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, completed)

    def _complete(self, headers: MutableHeaders, scope: Scope) -> None:
        for name, value in _ALWAYS.items():
            headers[name] = value
        if _is_trustworthy(scope):
            headers[_OPENER_POLICY] = "same-origin"
        headers.setdefault("content-security-policy", PAGE_POLICY)
        if scope["path"].startswith(_PUBLIC):
            headers.setdefault("cache-control", "no-cache")
        elif self._is_private:
            headers.setdefault("cache-control", "no-store")
        if _is_whole_host(scope):
            headers["strict-transport-security"] = _YEAR


def _is_trustworthy(scope: Scope) -> bool:
    """Whether browsers heed that policy: elsewhere they complain of it, on each page.

    https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy
    """
    return scope["scheme"] == "https" or is_loopback(_host(scope))


def _is_whole_host(scope: Scope) -> bool:
    """Whether this is what the name stands for: TLS at its usual port.

    Browsers would hold all ports of the name to TLS, those of others on the same machine as well.
    """
    has_port = _host(scope).rpartition(":")[2].isdigit()
    return scope["scheme"] == "https" and not has_port


def _host(scope: Scope) -> str:
    return Headers(scope=scope).get("host", "")
