"""The cookie of who has signed in: signed with a key that follows from the token, for a week.

Another token makes all of them void, a new start with the same token none. Nothing is kept here, so
signing out removes a browser's cookie, and a copy of it lives until it expires.

It is `Lax` rather than `Strict`, which would ask everybody to sign in who follows a link to here. A
link can't do harm: all that changes something has to come from our own pages (`origins`).
"""

import hashlib

from itsdangerous import BadSignature, TimestampSigner
from starlette.requests import Request
from starlette.responses import Response

from optisearch.dashboard.guard.tokens import Token

WEEK_SECONDS = 7 * 24 * 60 * 60
_SIGNED_IN = "in"


class Cookies:
    """Makes cookies, and tells its own from others."""

    def __init__(self, token: Token) -> None:
        key = token.key("optisearch dashboard cookie")
        self._signer = TimestampSigner(key, salt=b"", digest_method=hashlib.sha256)
        # Cookies know no ports: two dashboards on one machine would take each other's for false.
        self._name = f"optisearch-{hashlib.sha256(key).hexdigest()[:8]}"

    def is_in(self, request: Request) -> bool:
        """Whether a request comes with a cookie that is valid still."""
        try:
            self._signer.unsign(request.cookies.get(self._named(request), ""), WEEK_SECONDS)
        except BadSignature:  # an expired one is bad, too
            return False
        return True

    def give(self, request: Request, response: Response) -> None:
        """Let the browser have one."""
        response.set_cookie(
            self._named(request),
            self._signer.sign(_SIGNED_IN).decode(),
            max_age=WEEK_SECONDS,
            secure=is_secure(request),
            httponly=True,
            samesite="lax",
        )

    def take(self, request: Request, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(
            self._named(request),
            secure=is_secure(request),
            httponly=True,
            samesite="lax",
        )

    def _named(self, request: Request) -> str:
        # So named, nobody else under the same domain, or on the way, can have set it.
        return f"__Host-{self._name}" if is_secure(request) else self._name


def is_secure(request: Request) -> bool:
    """Whether a request came by TLS, ours or that of a proxy that is trusted."""
    return bool(request.scope["scheme"] == "https")
