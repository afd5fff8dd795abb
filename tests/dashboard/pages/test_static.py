"""Styles, scripts and the icon."""

import re
from collections.abc import Callable

import pytest
from tests.dashboard.asking import Answer

from optisearch.dashboard.pages.static import address, files
from optisearch.report.render.html.palette import COLOURS

Get = Callable[..., Answer]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("style.css", "text/css; charset=utf-8"),
        ("report.css", "text/css; charset=utf-8"),
        ("front.js", "text/javascript; charset=utf-8"),
        ("report.js", "text/javascript; charset=utf-8"),
        ("dashboard.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_files_are_kept_until_they_change(get: Get, name: str, kind: str) -> None:
    answer = get(address(name))
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert "immutable" in answer.headers["cache-control"]
    other = get(f"/static-optisearch/{name}?v=older")
    assert other.body == answer.body
    assert "cache-control" not in other.headers
    tag = answer.headers["etag"]
    assert get(f"/static-optisearch/{name}", if_none_match=tag).status == 304


def test_these_are_all(get: Get) -> None:
    assert set(files()) == {
        *("style.css", "report.css", "front.js", "report.js", "dashboard.js", "icon.svg")
    }
    for other in ("../style.css", "nothing.css", "", "..%2F..%2F__init__.py"):
        assert get(f"/static-optisearch/{other}").status == 404


def test_the_style_is_the_report_s_in_both_colours(get: Get) -> None:
    style = get("/static-optisearch/style.css").text
    assert f"--accent:{COLOURS['accent'].light};" in style
    dark = style[style.index("@media (prefers-color-scheme:dark)") :]
    assert f"--accent:{COLOURS['accent'].dark};" in dark
    assert ".answer .first" in style


@pytest.mark.parametrize("name", sorted(files()))
def test_no_file_asks_another_host(name: str) -> None:
    text = files()[name].content.decode().replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"https?:|url\(|[\"'`]//", text)
