"""Studies too large for optuna-dashboard: what is said there, and before they are opened."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from optisearch.dashboard.pages.gallery import Gallery
from optisearch.dashboard.pages.live_stage import LiveStage, Look
from optisearch.dashboard.pages.responses import page
from optisearch.dashboard.pages.templates import path_of, rendered
from optisearch.errors import OptisearchError
from optisearch.report import format as fmt

# With more curves its pages take half a minute and longer to draw.
_MOST_CURVES = 2000
_STUDY = re.compile(r"/dashboard/studies/(\d+)(/.*)?")
_ANYWAY = "anyway"
_PATIENCE_SECONDS = 1.0


def large_studies(stages: Iterable[LiveStage]) -> Mapping[str, Mapping[str, Any]]:
    """By the study's id: a sentence, and where its report is.

    Those that aren't read yet are left out, and begun.
    """
    looks = {stage: _look(stage, 0.0) for stage in stages}
    return {
        str(stage.study_id): {"text": _warning(look), "report": f"/stages/{path_of(stage.name)}"}
        for stage, look in looks.items()
        if look is not None and _is_large(look)
    }


class BeforeLarge:
    """optuna-dashboard, with a page of ours before those of a large study.

    Args:
        app: optuna-dashboard.
        gallery: Knows how large its studies are.
    """

    def __init__(self, app: ASGIApp, gallery: Gallery) -> None:
        self._app = app
        self._gallery = gallery

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = None
        if scope["type"] == "http" and (opened := _STUDY.fullmatch(scope["path"])):
            request = Request(scope)
            if _ANYWAY not in request.query_params:
                study_id = int(opened[1])
                answer = await run_in_threadpool(self._warned, request, study_id)
        await (answer or self._app)(scope, receive, send)

    def _warned(self, request: Request, study_id: int) -> Response | None:
        stage = next((s for s in self._gallery.stages() if s.study_id == study_id), None)
        look = None if stage is None else _look(stage, _PATIENCE_SECONDS)
        if stage is None or look is None or not _is_large(look):
            return None
        anyway = request.url.include_query_params(**{_ANYWAY: "1"})
        return page(
            rendered(
                "large.html",
                name=stage.name,
                trials=len(look.results.trials),
                anyway=f"{anyway.path}?{anyway.query}",
            )
        )


def _look(stage: LiveStage, patience: float) -> Look | None:
    """How it stands; None where nobody can say in that time."""
    try:
        return stage.look(patience)
    except (KeyError, OptisearchError):
        return None


def _is_large(look: Look) -> bool:
    return look.curves > _MOST_CURVES


def _warning(look: Look) -> str:
    trials = fmt.count(len(look.results.trials))
    return f"With {trials} trials this study is slow to show here. Its report isn’t."
