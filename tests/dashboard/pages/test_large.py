"""Studies too large for optuna-dashboard are named there, and warned of before they are opened."""

from collections.abc import Callable

import optuna
import pytest
from starlette.responses import PlainTextResponse
from tests.dashboard.asking import Answer, ask

from optisearch.dashboard.pages import BeforeLarge, Gallery, large

from .html import Page

Get = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "_MOST_CURVES", 2)


@pytest.fixture
def small(plain: Callable[..., optuna.Study]) -> int:
    return plain("small", 0.5, 0.5)._study_id


@pytest.fixture
def too_large(plain: Callable[..., optuna.Study]) -> int:
    study = plain("la?rge", 0.5, 0.5, 0.5)
    study.tell(study.ask(), 0.5)  # without a curve
    return study._study_id


@pytest.fixture
def opened(shown: Gallery) -> Callable[[str], Answer]:
    """Asks for a page of optuna-dashboard."""
    theirs = BeforeLarge(PlainTextResponse("theirs"), shown)
    return lambda path: ask(theirs, path=path)


def test_they_are_named(get: Get, small: int, too_large: int) -> None:
    get()  # reads them
    (found,) = get("/live/large").json.items()
    assert found == (
        str(too_large),
        {
            "text": "With 4 trials this study is slow to show here. Its report isn’t.",
            "report": "/stages/la%3Frge",
        },
    )


def test_one_that_isn_t_read_yet_is_begun(get: Get, shown: Gallery, too_large: int) -> None:
    get("/live/large")
    (stage,) = shown.stages()
    assert stage._looks._next is not None or stage._looks._last is not None


@pytest.mark.parametrize("below", ["", "/note", "/trials"])
def test_there_is_a_warning_before_them(
    opened: Callable[[str], Answer], too_large: int, below: str
) -> None:
    path = f"/dashboard/studies/{too_large}{below}"
    page = Page(opened(f"{path}?numbers=3").text)
    (heading,) = page.all("h1")
    assert heading.text == "la?rge is a large study"
    assert page.address("Open the report") == "/stages/la%3Frge"
    anyway = page.address("Open optuna-dashboard anyway")
    assert anyway == f"{path}?numbers=3&anyway=1"
    assert opened(anyway).text == "theirs"


def test_before_others_there_is_none(opened: Callable[[str], Answer], small: int) -> None:
    for path in (
        "/dashboard",
        f"/dashboard/studies/{small}",
        "/dashboard/studies/99",
        "/dashboard/studies/x",
        "/api/studies/1",
    ):
        assert opened(path).text == "theirs"


def test_one_that_can_t_be_read_is_theirs(
    opened: Callable[[str], Answer], plain: Callable[..., optuna.Study]
) -> None:
    study = plain("two", directions=["minimize", "maximize"])
    assert opened(f"/dashboard/studies/{study._study_id}").text == "theirs"
