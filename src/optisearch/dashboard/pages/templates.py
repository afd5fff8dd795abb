"""Pages as text: every value escaped, everything else from `template/`."""

from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from optisearch.dashboard.pages import static
from optisearch.report import format as fmt
from optisearch.report.render import html


def rendered(template: str, **values: Any) -> str:
    """A page, or a part of one."""
    return _environment().get_template(template).render(values).rstrip() + "\n"


def sign_in_page(next: str, failed: str) -> str:  # noqa: A002  # as the form's field is called
    """The page that asks for the token: a form with the fields `token` and `next`, for `/sign-in`.

    Args:
        next: The path on this server where to go then; of anything else `/` is made.
        failed: What was wrong with the token before, as a sentence; empty at first.
    """
    return rendered("sign-in.html", next=local_path(next), failed=failed)


def refusal_page(status: int, what: str, remedy: str) -> str:
    """A page in the place of the one that was asked for.

    Args:
        status: The HTTP status it is sent with.
        what: What happened, as a sentence without its full stop.
        remedy: What to do about it, likewise.
    """
    phrase = HTTPStatus(status).phrase
    return rendered(
        "refusal.html", status=status, phrase=phrase, what=what, remedy=remedy, links=()
    )


def local_path(path: str) -> str:
    """The path, where no browser could take it for an address of another host; else `/`."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_local and path.isprintable() else "/"


def path_of(name: str) -> str:
    """A name as part of an address; its slashes stay, but where they would be read as steps."""
    steps = any(part in {"", ".", ".."} for part in name.split("/"))
    return quote(name, safe="" if steps else "/")


@cache
def _environment() -> Environment:
    environment = Environment(
        # A report's tables are drawn as the report draws them.
        loader=ChoiceLoader(
            [PackageLoader(__package__, "template"), PackageLoader(html.__name__, "page")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static.address
    environment.filters |= {
        "path": path_of,
        "instant": _instant,
        "ago": _ago,
        "count": fmt.count,
        "sentence": _sentence,
    }
    return environment


def _instant(moment: datetime) -> str:
    """A local time as browsers read it, with its zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sentence(text: str) -> str:
    """With its capital letter and its full stop."""
    ending = "" if text.endswith((".", "!", "?")) else "."
    return f"{text[:1].upper()}{text[1:]}{ending}"


def _ago(moment: datetime, now: datetime) -> str:
    return fmt.ago(now - moment)
