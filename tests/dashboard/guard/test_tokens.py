"""The token."""

import re
from pathlib import Path

import pytest

from optisearch.dashboard.guard.tokens import Token, given
from optisearch.errors import OptisearchError

from .inside import TEXT


@pytest.mark.parametrize(
    "text", ["", "short", "fifteen-letters", "with spaces in it", "tab\tin the middle", "ключ" * 8]
)
def test_one_that_is_none(text: str) -> None:
    with pytest.raises(OptisearchError) as caught:
        Token(text)
    assert "16" in str(caught.value)
    assert len(text) < 6 or text not in str(caught.value)


def test_it_knows_itself_alone() -> None:
    token = Token(TEXT)
    assert token.matches(TEXT.encode())
    for other in (b"", TEXT[:-1].encode(), f"{TEXT} ".encode(), TEXT.upper().encode(), b"\xff\xfe"):
        assert not token.matches(other)


def test_it_is_never_shown() -> None:
    assert TEXT not in f"{Token(TEXT)!r} {Token(TEXT)}"


def test_a_generated_one_is_new_each_time() -> None:
    (token, text), (_, other) = Token.generated(), Token.generated()
    assert token.matches(text.encode())
    assert text != other
    assert re.fullmatch(r"[\w-]{43}", text)


def test_a_key_follows_from_token_and_purpose() -> None:
    key = Token(TEXT).key("cookie")
    assert len(key) == 32
    assert key == Token(TEXT).key("cookie")
    assert key != Token(TEXT).key("other")
    assert key != Token(TEXT + "x").key("cookie")


def never(text: str) -> None:
    pytest.fail(text)


def test_from_the_environment() -> None:
    found = given({"OPTISEARCH_TOKEN": f"{TEXT}\n"}, None, never)
    assert found
    assert found.matches(TEXT.encode())
    assert given({}, None, never) is None


def test_an_empty_one_in_the_environment_is_a_mistake() -> None:
    with pytest.raises(OptisearchError, match="OPTISEARCH_TOKEN"):
        given({"OPTISEARCH_TOKEN": ""}, None, never)


def test_a_file_counts_before_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TEXT}\n")
    file.chmod(0o600)
    found = given({"OPTISEARCH_TOKEN": "another-token-entirely"}, file, never)
    assert found
    assert found.matches(TEXT.encode())


def test_a_file_that_everybody_can_read(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TEXT)
    file.chmod(0o644)
    said: list[str] = []
    assert given({}, file, said.append)
    assert said == [f"everybody on this machine can read the token in {file}: chmod 600 {file}"]


@pytest.mark.parametrize(
    "content", [None, b"", b"short", b"\xff\xfe\x00", b"two\nlines-of-a-token"]
)
def test_a_file_without_one(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
        file.chmod(0o600)
    with pytest.raises(OptisearchError) as caught:
        given({}, file, never)
    assert str(caught.value).startswith(str(file))
    assert "lines-of" not in str(caught.value)
