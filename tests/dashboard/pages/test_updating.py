"""The front page changes by itself, and nothing is sent where nothing has changed."""

from collections.abc import Callable

import optuna
import pytest
from tests.dashboard.asking import Answer

from optisearch.dashboard.pages import Gallery

from .html import Page

Get = Callable[..., Answer]


@pytest.fixture
def study(plain: Callable[..., optuna.Study]) -> optuna.Study:
    return plain("mine/search", 0.5)


def settled(get: Get, shown: Gallery) -> str:
    """The tag of the part that changes, once all is read and computed."""
    for stage in shown.stages():
        look = stage.look(None)
        assert look is not None
        stage.told(look, None)
    return get("/live/front").headers["etag"]


def test_the_page_begins_with_the_tag_of_its_changing_part(
    get: Get, shown: Gallery, study: optuna.Study
) -> None:
    tag = settled(get, shown)
    (live,) = [e for e in Page(get().text).elements if "data-live" in e.attributes]
    assert live["data-live"] == "/live/front"
    assert live["data-etag"] == tag


def test_what_hasn_t_changed_isn_t_sent(get: Get, shown: Gallery, study: optuna.Study) -> None:
    tag = settled(get, shown)
    for known in (tag, tag.removeprefix("W/"), f'"another", {tag}'):
        answer = get("/live/front", if_none_match=known)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == tag


def test_a_trial_that_ends_changes_it(get: Get, shown: Gallery, study: optuna.Study) -> None:
    tag = settled(get, shown)
    study.tell(study.ask(), 0.1)
    settled(get, shown)
    answer = get("/live/front", if_none_match=tag)
    assert answer.status == 200
    assert answer.headers["etag"] != tag
    assert "Best value 0.1000 in trial 1" in answer.text
    assert get("/live/front", if_none_match=answer.headers["etag"]).status == 304


def test_its_part_is_what_the_page_has(get: Get, shown: Gallery, study: optuna.Study) -> None:
    settled(get, shown)
    part = get("/live/front").text
    Page(part)
    assert "<html" not in part
    assert part.strip() in get().text


def test_whoever_may_change_nothing_is_told_so(shown: Gallery) -> None:
    from starlette.applications import Starlette
    from tests.dashboard.asking import ask

    from optisearch.dashboard.pages import routes

    app = Starlette(routes=routes(shown))

    def as_guarded(can_change: bool, signed_in: bool) -> Page:
        async def guarded(scope: object, receive: object, send: object) -> None:
            scope["state"] = {"can_change": can_change, "signed_in": signed_in}
            await app(scope, receive, send)

        return Page(ask(guarded).text)

    free, bound = as_guarded(True, False), as_guarded(False, True)
    assert "read-only" not in free.text
    assert "read-only" in bound.text
    assert not free.all("form")
    (form,) = bound.all("form")
    assert (form["method"], form["action"], form.text) == ("post", "/sign-out", "Sign out")
