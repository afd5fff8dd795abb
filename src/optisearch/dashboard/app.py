"""Everything that is served, in one application: our pages, optuna-dashboard, and the guard."""

import os
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, nullcontext
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from optisearch.dashboard import health, pages
from optisearch.dashboard.guard import Access, Sandbox, Screens, guarded
from optisearch.dashboard.guard.refusals import refusal
from optisearch.dashboard.health import Health
from optisearch.dashboard.optuna_app import OptunaApp
from optisearch.dashboard.while_away import WhileAway
from optisearch.storage import Database

# What is optuna-dashboard's. Its `/` only leads to `/dashboard`.
_THEIRS = (
    "dashboard",
    "api",
    "artifacts",
    "static",
    "csv",
    "favicon.ico",
    "incompatible-rdb-schema",
)
# Requests of optuna-dashboard's that are answered at the same time; more wait.
_THREADS = 10
# 4 % more than at level 9, in a third of the time (a thousand trials as JSON).
_COMPRESSION = 5


def make_app(
    database: Database,
    access: Access,
    *,
    environment: Mapping[str, str] = os.environ,
    beside: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> ASGIApp:
    """The application.

    Args:
        database: What is shown.
        access: Who is let in, and to do what.
        environment: Says where the artifacts are.
        beside: What goes on while it serves: entered when that begins, left when it ends.

    Raises:
        StorageError: There can be no such place of artifacts.
    """
    optuna_app = OptunaApp(database, environment, pages.with_our_script)
    theirs = WSGIMiddleware(optuna_app, workers=_THREADS)
    gallery, well = pages.Gallery(database), Health(database)
    screens = Screens(sign_in=pages.sign_in_page, refusal=pages.refusal_page)
    inside = _inside(gallery, cast("ASGIApp", theirs), well, screens)
    outside = GZipMiddleware(guarded(inside, access, screens), compresslevel=_COMPRESSION)

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        threading.Thread(target=optuna_app.load, daemon=True).start()
        with ExitStack() as ending:
            ending.callback(theirs.executor.shutdown, wait=False, cancel_futures=True)
            ending.callback(gallery.close)
            ending.callback(well.close)
            ending.enter_context(beside())
            yield

    # Whether all is well is asked by machines, under any name and without a token.
    return Router([Route(health.PATH, well.answer), Mount("/", outside)], lifespan=lifespan)


def _inside(gallery: pages.Gallery, theirs: ASGIApp, well: Health, screens: Screens) -> Starlette:
    """Our pages, and optuna-dashboard at the paths that it has by itself."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        remedy = "What is stored is listed on the front page"
        what = "There is no such page" if error.status_code == 404 else error.detail.rstrip(".")
        return refusal(request, screens.refusal, error.status_code, what, remedy, error.headers)

    harmless = pages.BeforeLarge(Sandbox(theirs), gallery)
    address = gallery.database.address
    away = Middleware(WhileAway, health=well, address=address, screens=screens)
    return Starlette(
        routes=[
            *pages.routes(gallery),
            *(Route(f"/{name}{{rest:path}}", harmless) for name in _THEIRS),
        ],
        middleware=[away],
        exception_handlers={HTTPException: refused},
    )
