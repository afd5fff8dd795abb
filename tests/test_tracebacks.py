"""What the author of a study file sees of an error."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from optisearch.study import Study
from optisearch.tracebacks import cause, headline, own_frames


def raised(function: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:
        function()
    return caught.value


def breaks() -> None:
    raise ValueError("too deep")


def breaks_in_the_library() -> None:
    json.loads("{")


def breaks_in_ours() -> None:
    Study(name="a/b", space=int)


def test_frames_of_the_library_are_left_out() -> None:
    text = own_frames(raised(breaks_in_the_library))
    assert text.startswith("Traceback (most recent call last):")
    assert "in breaks_in_the_library" in text
    assert "decoder.py" not in text
    assert "JSONDecodeError" in text.splitlines()[-1]


def test_our_own_frames_are_left_out() -> None:
    text = own_frames(raised(breaks_in_ours))
    assert "in breaks_in_ours" in text
    assert "__post_init__" not in text


def test_what_an_error_was_raised_from_is_left_out() -> None:
    def again() -> None:
        try:
            breaks()
        except ValueError as error:
            raise RuntimeError("again") from error

    text = own_frames(raised(again))
    assert text.endswith("RuntimeError: again")
    assert "too deep" not in text


def test_failures_have_the_same_cause_when_type_and_line_agree() -> None:
    here = Path(__file__).name
    assert cause(raised(breaks)) == cause(raised(breaks))
    assert cause(raised(breaks)).startswith(f"ValueError at {here}:")
    assert cause(raised(breaks_in_the_library)).startswith(f"JSONDecodeError at {here}:")


def test_an_error_that_was_never_raised_has_a_cause_too() -> None:
    assert cause(ValueError("x")) == "ValueError"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("two\n  lines"), "ValueError: two lines"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (ValueError("x" * 30), f"ValueError: {'x' * 19}…"),
    ],
)
def test_a_headline_is_one_line_of_limited_length(error: BaseException, line: str) -> None:
    assert headline(error, limit=20) == line


def test_what_is_said_is_said_in_plain_letters() -> None:
    bold = ValueError("\x1b[1mInput 0\x1b[0m has 4 dimensions")
    assert headline(bold) == "ValueError: Input 0 has 4 dimensions"
    assert "\x1b" not in own_frames(bold)
