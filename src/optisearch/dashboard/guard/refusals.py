"""A refusal, as whoever asked can read it: a page for a browser's window, else JSON.

optuna-dashboard shows the `reason` of a JSON answer to who clicked.
"""

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response


def wants_page(request: Request) -> bool:
    """Whether the answer is shown as it is."""
    return "text/html" in request.headers.get("accept", "")


def refusal(
    request: Request,
    page: Callable[[int, str, str], str],
    status: int,
    what: str,
    remedy: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer.

    Args:
        request: Who asked for what.
        page: Draws it as a page: of the status, of what is refused and of what to do about it.
        status: The HTTP status.
        what: What is refused, as a sentence without its full stop.
        remedy: What to do about it, as a sentence without its full stop.
        headers: More headers.
    """
    if wants_page(request):
        return HTMLResponse(page(status, what, remedy), status, headers)
    return JSONResponse({"reason": f"{what}. {remedy}."}, status, headers)
