"""What optuna-dashboard serves, made harmless.

It serves artifacts, which whoever writes to the database may have put there, as what they claim to
be, on its own origin and for every other: a script in an HTML page would act for its reader.
"""

from http.client import OK

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAGES = "/dashboard"
# Without scripts, forms, an origin, and anything from anywhere. Images in a page aren't concerned.
_ARTIFACT_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)
# Its own policy allows scripts of the server; it lacks these.
_MISSING = "; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
# What a browser shows without executing anything in it, when it is opened by itself.
_SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "text/plain")
_ARTIFACTS = "/artifacts/"


class Sandbox:
    """optuna-dashboard's answers, without what would let other sites or artifacts act."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def confined(message: Message) -> None:
            if message["type"] == "http.response.start":
                _confine(MutableHeaders(scope=message), scope["path"], message["status"])
            await send(message)

        await self._app(scope, receive, confined)


def _confine(headers: MutableHeaders, path: str, status: int) -> None:
    for name in [name for name in headers if name.startswith("access-control-")]:
        del headers[name]
    own = headers.get("content-security-policy")
    if own is not None and path.startswith(_PAGES):
        headers["content-security-policy"] = own + _MISSING
    else:
        headers["content-security-policy"] = _ARTIFACT_POLICY
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if status == OK and path.startswith(_ARTIFACTS) and kind not in _SHOWN:
        headers["content-disposition"] = "attachment"
