"""What a report's page may do: its one script runs, with Plotly's in it, and no other one."""

import hashlib
from base64 import b64encode
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from optisearch.report.render import html


@cache
def report_policy() -> str:
    """The Content-Security-Policy. Figures are styled in place, which no list of hashes names."""
    own = resources.files(html).joinpath("page", "page.js").read_text(encoding="utf-8")
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    plotly = Path(spec.origin).parent.joinpath("package_data", "plotly.min.js").read_bytes()
    scripts = " ".join(_hash(text) for text in (f"\n{own}\n".encode(), plotly))
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; form-action 'none'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def _hash(text: bytes) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text).digest()).decode()}'"
