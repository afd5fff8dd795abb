"""Every page: well formed, inert whatever it tells of, complete in itself, and easy to read."""

import re
from collections.abc import Callable
from itertools import pairwise

import optuna
import pytest
from tests.dashboard.asking import Answer

from optisearch import record
from optisearch.dashboard.pages import refusal_page, sign_in_page
from optisearch.report.render.html.palette import COLOURS
from optisearch.stage import Stage
from optisearch.storage import Database

from .html import Page

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)> & \"'>{{ 7777 * 7777 }}\u2028"

# What our style sheet sets on what: the names of a text's colour and of its ground.
TEXTS = [
    *(
        (text, ground)
        for text in ("ink", "muted", "accent", "diverged")
        for ground in ("paper", "panel")
    ),
    ("paper", "accent"),
]
# What has to be seen, but isn't read.
SHAPES = [("accent", "scale-1"), ("muted", "paper"), ("muted", "panel"), ("accent", "panel")]


@pytest.fixture
def full(
    database: Database,
    plain: Callable[..., optuna.Study],
    open_parabola: Callable[..., Stage],
    open_compare: Callable[..., Stage],
    train: Callable[..., None],
) -> None:
    """A database with something of everything, and hostile names wherever there are names."""
    train(open_parabola(database), 4)
    train(open_compare(database=database), 4)
    plain("two", directions=["minimize", "maximize"])
    study = plain(f"{EVIL}/search", 0.1, 0.2)
    manifest = {
        "format": 1,
        "name": EVIL,
        "study": EVIL,
        "title": EVIL,
        "metric": EVIL,
        "file": EVIL,
        "data": {"name": EVIL, "note": EVIL, "sizes": {EVIL: 3}},
    }
    database.storage.set_study_system_attr(study._study_id, record.MANIFEST, manifest)
    trial = study.ask()
    trial.suggest_categorical(EVIL, [EVIL])
    trial.set_user_attr(record.WORKER, EVIL)
    failed = study.ask()
    failed.set_user_attr(record.ERROR, EVIL)
    failed.set_user_attr(record.END_REASON, "failed")
    study.tell(failed, state=optuna.trial.TrialState.FAIL)


@pytest.fixture(params=["front", "empty", "unknown", "sign in", "wrong token", "refusal"])
def page(request: pytest.FixtureRequest, get: Callable[..., Answer]) -> Page:
    match request.param:
        case "front":
            request.getfixturevalue("full")
            return Page(get().text)
        case "empty":
            return Page(get().text)
        case "unknown":
            request.getfixturevalue("full")
            return Page(get(f"/stages/{EVIL}!").text)
        case "sign in":
            return Page(sign_in_page("/", ""))
        case "wrong token":
            return Page(sign_in_page(f"/studies/{EVIL}", EVIL))
        case _:
            return Page(refusal_page(403, EVIL, EVIL))


def test_nothing_comes_from_elsewhere_and_nothing_stands_in_place(page: Page) -> None:
    for element in page.elements:
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("href", "src", "action"):
            if name in element.attributes:
                assert re.match(r"(/(?!/)|#)", element[name]), element
    assert not page.all("style")
    for script in page.all("script"):
        assert script["src"].startswith("/static-optisearch/")
        assert "defer" in script.attributes
    assert {link["rel"] for link in page.all("link")} == {"icon", "stylesheet"}


def test_texts_stay_texts(page: Page) -> None:
    assert not [image for image in page.all("img") if image["src"] == "x"]
    assert "60481729" not in page.text
    assert all("\n" not in e.attributes.get("aria-label", "") for e in page.elements)


def test_headings_are_in_order_below_one_first(page: Page) -> None:
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert all(e.text for e in page.all("h1", "h2", "h3", "h4", "title", "a", "button"))


def test_it_can_be_found_one_s_way_in(page: Page) -> None:
    assert len(page.all("main")) == 1
    (html,) = page.all("html")
    assert html["lang"] == "en"
    ids = [element["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page.elements:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            if name in element.attributes:
                assert element[name] in ids
    for link in page.all("a"):
        assert not link["href"].startswith("#") or link["href"][1:] in ids
    for landmark in page.all("nav", "section", "article", "svg", "progress"):
        assert {"aria-label", "aria-labelledby"} & set(landmark.attributes), landmark
    for image in page.all("img"):
        assert "alt" in image.attributes


def test_tables_say_what_they_are(page: Page) -> None:
    for heading in page.all("th"):
        assert heading["scope"] in {"col", "row"}
    tables = page.all("table")
    assert len(page.all("caption")) == len(tables)
    assert all(caption.text for caption in page.all("caption"))
    for table in tables:
        box = table.within[-1]
        assert (box["class"], box["tabindex"], box["role"]) == ("scroll", "0", "region")


def test_the_front_page_has_all_of_it(full: None, get: Callable[..., Answer]) -> None:
    page = Page(get().text)
    shown = " ".join(EVIL.replace("\u2028", " ").split())
    assert shown in page.text
    assert len(page.all("table")) > 5
    # As in a report: whoever points at a row reads of which trials it is.
    assert any(row.attributes.get("title", "").startswith("trial") for row in page.all("tr"))
    hostile = [link["href"] for link in page.all("a") if "alert" in link["href"]]
    assert hostile
    for address in hostile:
        assert not set(address) & set("<>\"'{} ")


def test_without_scripts_it_is_loaded_anew(get: Callable[..., Answer]) -> None:
    (refresh,) = [e for e in Page(get().text).all("meta") if "http-equiv" in e.attributes]
    assert refresh["http-equiv"] == "refresh"
    assert [e.tag for e in refresh.within] == ["html", "head", "noscript"]


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_texts_can_be_read(text: str, ground: str, theme: str) -> None:
    one, other = (getattr(COLOURS[name], theme) for name in (text, ground))
    assert contrast(one, other) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_can_be_seen(shape: str, ground: str, theme: str) -> None:
    one, other = (getattr(COLOURS[name], theme) for name in (shape, ground))
    assert contrast(one, other) >= 3.0


def test_the_style_sheet_uses_no_other_colours(get: Callable[..., Answer]) -> None:
    style = get("/static-optisearch/style.css").text
    own = style[style.index(".skip") :]
    assert not re.findall(r"#[0-9a-f]{3,8}\b(?![^{]*{)", own)
    texts = set(re.findall(r"[;{] *color: var\(--([a-z0-9-]+)\)", own))
    assert texts <= {text for text, _ in TEXTS}
    shapes = set(re.findall(r"border[a-z-]*:[^;]*var\(--([a-z0-9-]+)\)", own))
    assert shapes <= {shape for shape, _ in SHAPES} | {"rule", "diverged", "ink"}
