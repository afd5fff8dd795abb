"""optuna-dashboard, over our storage and the artifacts of the trials.

Importing it takes about a second (scikit-learn), so that is done when it is first needed.
"""

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from optisearch.artifacts import Place, open_store, place
from optisearch.dashboard.while_away import quieten
from optisearch.storage import Database

PAGES = "/dashboard"
_OF_THE_FILE = ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH", "HTTP_RANGE")
_OF_ITS_BYTES = ("content-length", "last-modified", "etag", "accept-ranges")

if TYPE_CHECKING:
    from a2wsgi.wsgi_typing import StartResponse, WSGIApp
    from optuna.artifacts._protocol import ArtifactStore


class OptunaApp:
    """optuna-dashboard as a WSGI application.

    Args:
        database: What it shows.
        environment: Says where the artifacts are.
        completed: Adds what is ours to its page.

    Raises:
        StorageError: The environment says so wrongly.
    """

    def __init__(
        self,
        database: Database,
        environment: Mapping[str, str],
        completed: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self._database = database
        self._completed = completed
        address = database.address
        self._place = None if address is None else place(environment, address)
        self._loading = threading.Lock()

    def __call__(self, environ: Any, start_response: "StartResponse") -> Iterable[bytes]:
        # It looks the header up where it may be missing (0.21).
        environ.setdefault("HTTP_ACCEPT_ENCODING", "")
        environ["wsgi.errors"] = sys.stderr
        self.load()
        if environ["PATH_INFO"].startswith(PAGES):
            return self._page(environ, start_response)
        return self._app(environ, start_response)

    def _page(self, environ: Any, start_response: "StartResponse") -> Iterable[bytes]:
        """Its page, which is the same file at all of its addresses."""
        for name in _OF_THE_FILE:  # ours is another one
            environ.pop(name, None)
        status, headers = "", list[tuple[str, str]]()

        def started(said: str, told: list[tuple[str, str]], _error: Any = None) -> Any:
            nonlocal status, headers
            status, headers = said, told

        answer = self._app(environ, cast("StartResponse", started))
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", bool)()
        kept = [(name, value) for name, value in headers if name.lower() not in _OF_ITS_BYTES]
        start_response(status, kept)
        return [self._completed(body)]

    def load(self) -> None:
        """Import it, if that isn't done yet."""
        with self._loading:
            _ = self._app

    @cached_property
    def _app(self) -> "WSGIApp":
        import optuna
        import optuna_dashboard  # type: ignore[import-untyped]

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        quieten()
        store = None if self._place is None else ServedStore(self._place)
        app: Any = optuna_dashboard.wsgi(self._database.storage, artifact_store=store)
        app.catchall = False  # its errors go to where the others' go
        return cast("WSGIApp", app)


class ServedStore:
    """An artifact store that is opened when it is needed, and answers in HTTP what goes wrong."""

    def __init__(self, place: Place) -> None:
        self._place = place

    @cached_property
    def _store(self) -> "ArtifactStore":
        return open_store(self._place)

    def open_reader(self, artifact_id: str) -> BinaryIO:
        import bottle  # type: ignore[import-untyped]
        from optuna.artifacts.exceptions import ArtifactNotFound

        try:
            return self._store.open_reader(artifact_id)
        except ArtifactNotFound:
            raise bottle.HTTPError(404, "The artifact is gone.") from None
        except Exception:
            raise bottle.HTTPError(503, "The artifacts can't be reached.") from None

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self._store.write(artifact_id, content_body)

    def remove(self, artifact_id: str) -> None:
        from optuna.artifacts.exceptions import ArtifactNotFound

        try:
            self._store.remove(artifact_id)
        except ArtifactNotFound:
            return  # a study whose artifacts are gone can be deleted all the same
