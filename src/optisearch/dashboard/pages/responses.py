"""How pages are sent: not sent again where nothing has changed."""

import hashlib

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response


def etag_of(*values: object) -> str:
    """A tag that changes with what is in the values."""
    # Compression on the way changes the bytes and not what they say: a weak one.
    return f'W/"{hashlib.sha256(repr(values).encode()).hexdigest()[:32]}"'


def is_known(request: Request, etag: str) -> bool:
    """Whether the browser has that already."""
    known = request.headers.get("if-none-match", "").split(",")
    return etag.removeprefix("W/") in (each.strip().removeprefix("W/") for each in known)


def page(html: str, etag: str = "", status: int = 200) -> Response:
    """A page of ours."""
    return HTMLResponse(html, status, {"ETag": etag} if etag else None)


def unchanged(etag: str) -> Response:
    """Nothing, as nothing has changed."""
    return Response(status_code=304, headers={"ETag": etag})
