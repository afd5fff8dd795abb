"""A report as one HTML file that needs no network: to be mailed, printed, read on a phone."""

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from optisearch.report import format as fmt
from optisearch.report.render.html.document import sections
from optisearch.report.render.html.palette import COLOURS, translation
from optisearch.report.table import Report


def render(report: Report) -> str:
    """The report as a document, with Plotly's script in it if there is anything to draw."""
    told = sections(report)
    plots = [shown.plot for section in told for tile in section.tiles for shown in tile.figures]
    html = (
        templates()
        .get_template("report.html")
        .render(
            report=report,
            title=fmt.text(report.title),
            sections=told,
            style=trusted("style.css"),
            script=trusted("page.js"),
            colours=COLOURS,
            plots=_embedded({"plots": plots, "dark": translation()}),
            plotly=_plotly() if plots else "",
            versions=", ".join(
                f"{name} {what}" for name, what in report.stage.info.versions.items()
            ),
        )
    )
    return html.rstrip() + "\n"


def templates() -> Environment:
    """The page's templates, which escape whatever is put into them."""
    return Environment(
        loader=PackageLoader(__name__, "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def trusted(name: str) -> Markup:
    """A file of ours, put into the page as it is."""
    text = resources.files(__name__).joinpath("page", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704  # our own


def _embedded(data: Mapping[str, object]) -> Markup:
    """JSON for a script element, which no text in it can end or turn into something else."""
    text = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  # has no markup left


def _plotly() -> str:
    """Plotly's script for browsers, packed: 2 MB in the place of 4.8."""
    # Found, not imported: that takes long.
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    script = Path(spec.origin).parent.joinpath("package_data", "plotly.min.js").read_bytes()
    return b64encode(gzip.compress(script, mtime=0)).decode()
