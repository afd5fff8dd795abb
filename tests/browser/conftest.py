"""A browser, and what it looks at."""

from .fixtures import browser, context, page, watch
from .gallery import _dashboards, curves, dashboard, exposed, gallery, made, shown, stored, studies

__all__ = [
    "_dashboards",
    "browser",
    "context",
    "curves",
    "dashboard",
    "exposed",
    "gallery",
    "made",
    "page",
    "shown",
    "stored",
    "studies",
    "watch",
]
