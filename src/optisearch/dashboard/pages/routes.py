"""The addresses of our own pages."""

import gzip
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from optisearch.dashboard.pages import static, templates
from optisearch.dashboard.pages.documents import Documents
from optisearch.dashboard.pages.front import gather
from optisearch.dashboard.pages.gallery import Gallery
from optisearch.dashboard.pages.large import large_studies
from optisearch.dashboard.pages.policy import report_policy
from optisearch.dashboard.pages.responses import etag_of, is_known, page, unchanged
from optisearch.errors import NotStoredError, OptisearchError, StorageError

# So long the front page waits for what isn't read or computed yet: it shows the rest meanwhile.
_PATIENCE_SECONDS = 1.2


def routes(gallery: Gallery) -> list[BaseRoute]:
    """Our own pages, what they are updated with, and their files.

    Whoever serves them may put `can_change` and `signed_in` into the requests' state, and sends a
    page of its own where one of them raises a `StorageError`.

    Args:
        gallery: What they show.
    """
    pages = _Pages(gallery)
    return [
        Route("/", pages.front),
        Route("/live/front", pages.studies),
        Route("/live/large", pages.large),
        Route("/stages/{name:path}", pages.report),
        Route("/studies/{name:path}", pages.report),
        Route(f"{static.FOLDER}/{{name}}", _file),
    ]


class _Pages:
    """The pages of a gallery. Starlette calls each in a thread."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._documents = Documents(gallery)

    def front(self, request: Request) -> Response:
        front = gather(self._gallery, _PATIENCE_SECONDS)
        html = templates.rendered(
            "front.html",
            front=front,
            now=self._gallery.database.local_now(),
            etag=etag_of(front),
            can_change=getattr(request.state, "can_change", True),
            signed_in=getattr(request.state, "signed_in", False),
        )
        return page(html)

    def studies(self, request: Request) -> Response:
        """The part of the front page that changes."""
        front = gather(self._gallery, _PATIENCE_SECONDS)
        etag = etag_of(front)
        if is_known(request, etag):
            return unchanged(etag)
        now = self._gallery.database.local_now()
        return page(templates.rendered("studies.html", front=front, now=now), etag)

    def report(self, request: Request) -> Response:
        name = request.path_params["name"]
        try:
            stages = self._gallery.named(name)
            studies = dict.fromkeys(each.name.rpartition("/")[0] or each.name for each in stages)
            if len(studies) > 1:
                return self._choice("The name means several studies", list(studies), status=300)
            document = self._documents.get(stages)
        except NotStoredError as error:
            names = [stage.name for stage in self._gallery.stages()]
            return self._choice(error.what, names, error.remedy)
        except KeyError:
            return self._choice("This study was deleted just now", [])
        except StorageError:
            raise
        except OptisearchError as error:
            return page(templates.refusal_page(422, error.what, error.remedy), status=422)
        said = {"ETag": document.etag, "Content-Security-Policy": report_policy()}
        if is_known(request, document.etag):
            return Response(status_code=304, headers=said)
        said["Vary"] = "Accept-Encoding"
        content = document.packed
        if "gzip" in request.headers.get("accept-encoding", ""):
            said["Content-Encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return Response(content, headers=said, media_type="text/html")

    def large(self, _request: Request) -> Response:
        """The studies that are too large for optuna-dashboard."""
        return JSONResponse(large_studies(self._gallery.stages()))

    def _choice(
        self, what: str, names: list[str], remedy: str = "Choose one", status: int = 404
    ) -> Response:
        links = [(name, f"/studies/{templates.path_of(name)}") for name in names]
        html = templates.rendered(
            "refusal.html",
            status=status,
            phrase=HTTPStatus(status).phrase,
            what=what,
            remedy=remedy,
            links=links,
        )
        return page(html, status=status)


def _file(request: Request) -> Response:
    found = static.files().get(request.path_params["name"])
    if found is None:
        return page(templates.refusal_page(404, "there is no such file", ""), status=404)
    etag = etag_of(found.version)
    if is_known(request, etag):
        return unchanged(etag)
    said = {"ETag": etag}
    if request.query_params.get("v") == found.version:
        said["Cache-Control"] = "public, max-age=31536000, immutable"
    return Response(found.content, headers=said, media_type=found.media_type)
