"""Styles, scripts and the icon: a few small files, held in memory, known by what is in them."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from optisearch.report.render import html
from optisearch.report.render.html.palette import COLOURS

FOLDER = "/static-optisearch"
_STYLE = "style.css"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    content: bytes
    media_type: str
    version: str


@cache
def files() -> dict[str, File]:
    """All files by name."""
    folder = resources.files(__package__).joinpath("static")
    found = {each.name: each.read_bytes() for each in folder.iterdir()}
    found[_STYLE] = _style(found[_STYLE])
    return {name: _file(name, content) for name, content in found.items()}


def address(name: str) -> str:
    """Where a file is; another one once there is something else in it."""
    return f"{FOLDER}/{name}?v={files()[name].version}"


def _file(name: str, content: bytes) -> File:
    kind = next(kind for ending, kind in _TYPES.items() if name.endswith(ending))
    return File(content, kind, hashlib.sha256(content).hexdigest()[:12])


def _style(own: bytes) -> bytes:
    """The report's colours and style, and behind them what these pages add."""
    light = "".join(f"--{name}:{colour.light};" for name, colour in COLOURS.items())
    dark = "".join(f"--{name}:{colour.dark};" for name, colour in COLOURS.items())
    colours = f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    shared = resources.files(html).joinpath("page", _STYLE).read_bytes()
    return colours.encode() + shared + own
