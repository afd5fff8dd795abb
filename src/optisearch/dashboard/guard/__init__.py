"""Who is let in, and what they may do: each question a middleware of its own.

A request passes them in this order; the first that doesn't like it answers.
"""

from starlette.types import ASGIApp

from optisearch.dashboard.guard.access import Access, Screens
from optisearch.dashboard.guard.changes import Changes
from optisearch.dashboard.guard.credentials import guarded_by_token
from optisearch.dashboard.guard.headers import AnswerHeaders
from optisearch.dashboard.guard.hosts import Hosts
from optisearch.dashboard.guard.origins import Origins
from optisearch.dashboard.guard.sandbox import Sandbox
from optisearch.dashboard.guard.tokens import Token, given

__all__ = ["Access", "Sandbox", "Screens", "Token", "given", "guarded"]


def guarded(app: ASGIApp, access: Access, screens: Screens) -> ASGIApp:
    """An application, for those who may use it.

    Args:
        app: What is guarded. It finds `can_change` and `signed_in` in its requests' state.
        access: Who is let in, and to do what.
        screens: What the guard shows to browsers.
    """
    app = Changes(app, access, screens)
    app = guarded_by_token(app, access, screens)
    app = Origins(app, screens)
    app = Hosts(app, access, screens)
    return AnswerHeaders(app, is_private=access.token is not None)
