"""The fixture itself: it hears and sees what it is there for."""

import pytest
from playwright.sync_api import Page

from .watch import Watch

pytestmark = pytest.mark.processes


def test_an_error_is_heard(page: Page, watch: Watch) -> None:
    page.set_content("<script>console.error('heard'); undefined.nothing</script>")
    with pytest.raises(AssertionError, match="heard"):
        watch.check()
    watch.expect("heard", "as written above")
    with pytest.raises(AssertionError, match="uncaught"):
        watch.check()
    watch.expect("undefined", "as written above")


def test_what_was_expected_must_be_said(watch: Watch) -> None:
    watch.expect("a word", "nobody says it")
    with pytest.raises(AssertionError, match="a word"):
        watch.check()


def test_another_host_is_seen_and_not_reached(page: Page, watch: Watch) -> None:
    page.set_content("<img src='http://elsewhere.test/x.png'>")
    page.wait_for_function("document.images[0].complete")
    assert watch.strangers() == ["http://elsewhere.test/x.png"]
    with pytest.raises(AssertionError, match="elsewhere"):
        watch.check()
    watch.hosts.add("elsewhere.test")
    watch.expect("ERR_NAME_NOT_RESOLVED", "it can't be reached")
