"""The HTML reports, as they are sent: computed once for each state of their stages."""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from optisearch import report as reports
from optisearch.dashboard.pages import static
from optisearch.dashboard.pages.gallery import Gallery
from optisearch.dashboard.pages.kept import Kept
from optisearch.dashboard.pages.live_stage import TELL_SECONDS, TELL_TIMES, LiveStage, Look
from optisearch.dashboard.pages.responses import etag_of
from optisearch.dashboard.pages.templates import rendered
from optisearch.report import Report
from optisearch.report.render import html

_COMPRESSION = 6
# They hold 2 MB each: those that were looked at last.
_MOST_KEPT = 16
# So long a new one is waited for, where there is an older one.
_PATIENCE_SECONDS = 1.5


@dataclass(frozen=True)
class Document:
    """A report as a page.

    Attributes:
        packed: The page, compressed by gzip.
        etag: Changes with what it says.
        seen: How late it is, by the database's clock, in local time.
    """

    packed: bytes
    etag: str
    seen: datetime


class Documents:
    """The reports of the stages, and of several in one. Safe to use from many threads."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, ...], Kept[Document]] = OrderedDict()

    def get(self, stages: Sequence[LiveStage]) -> Document:
        """The report of these stages, of now or a little older.

        Raises:
            KeyError: One of them was deleted.
            OptisearchError: One of them can't be read, or the database is away.
        """
        source = _of_one(stages[0]) if len(stages) == 1 else _of_several(stages)
        kept = self._kept_of(tuple(stage.study_id for stage in stages))
        document = kept.get(source.document, source.state, patience=_PATIENCE_SECONDS)
        document = document or kept.get(source.document, source.state, patience=None)
        assert document is not None
        return document

    def _kept_of(self, ids: tuple[int, ...]) -> Kept[Document]:
        with self._lock:
            if ids not in self._kept:
                self._kept[ids] = Kept(self._gallery.tellers, TELL_SECONDS, TELL_TIMES)
            self._kept.move_to_end(ids)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[ids]


@dataclass(frozen=True)
class _Source:
    """What a document is made of."""

    state: object
    seen: datetime
    report: Callable[[], Report]

    def document(self) -> Document:
        report = self.report()
        etag = etag_of(self.state, report.answer, report.evidence)
        bar = rendered("served.html", etag=etag, seen=self.seen)
        links = (
            f'<link rel="stylesheet" href="{static.address("report.css")}">\n'
            f'<script src="{static.address("report.js")}" defer></script>\n'
        )
        page = html.render(report).replace("</head>", f"{links}</head>", 1)
        page = page.replace("<body>", f"<body>\n{bar}", 1)
        return Document(gzip.compress(page.encode(), _COMPRESSION), etag, self.seen)


def _of_one(stage: LiveStage) -> _Source:
    look = _look(stage)
    # The front page's, which may be a little older.
    told = stage.told(look, _PATIENCE_SECONDS) or stage.told(look, None)
    assert told is not None
    return _Source(told.look.state, told.look.seen, lambda: told.report)


def _of_several(stages: Sequence[LiveStage]) -> _Source:
    looks = [_look(stage) for stage in stages]
    return _Source(
        tuple(look.state for look in looks),
        looks[0].seen,
        partial(reports.report, *(look.results for look in looks)),
    )


def _look(stage: LiveStage) -> Look:
    look = stage.look(_PATIENCE_SECONDS) or stage.look(None)
    assert look is not None
    return look
