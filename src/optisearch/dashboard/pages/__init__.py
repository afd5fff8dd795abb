"""Our own pages: what is stored, who is at work, the reports.

    routes(Gallery(database))    # for Starlette

Pages are HTML rendered here; scripts only keep them up to date. What is slow is computed once for
all who look, and again when a trial has ended.
"""

from optisearch.dashboard.pages.gallery import Gallery
from optisearch.dashboard.pages.inserted import with_our_script
from optisearch.dashboard.pages.large import BeforeLarge
from optisearch.dashboard.pages.routes import routes
from optisearch.dashboard.pages.templates import refusal_page, sign_in_page

__all__ = ["BeforeLarge", "Gallery", "refusal_page", "routes", "sign_in_page", "with_our_script"]
