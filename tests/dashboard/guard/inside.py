"""What is guarded in these tests: it tells what reached it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from optisearch.dashboard.guard import Access, Screens, Token, guarded

TEXT = "correct-horse-battery-staple"
SCREENS = Screens(
    sign_in=lambda onward, failed: f"SIGN IN, then {onward}. {failed}",
    refusal=lambda status, what, remedy: f"REFUSED {status}: {what}. {remedy}.",
)


async def inside(scope: Any, receive: Any, send: Any) -> None:
    request = Request(scope, receive)
    told = {
        "method": request.method,
        "path": scope["path"],
        "can_change": request.state.can_change,
        "signed_in": request.state.signed_in,
    }
    await JSONResponse({"reached": told})(scope, receive, send)


def behind(*, token: str | None = None, **access: Any) -> Any:
    """The application behind its guard."""
    known = Token(token) if token else None
    return guarded(inside, Access(token=known, **access), SCREENS)
