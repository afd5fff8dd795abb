"""A study file becomes a study, or one paragraph says why not."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from optisearch.errors import DefinitionError, OptisearchError, StudyFileError
from optisearch.loading import load_study, read_source

SOUND = """
    from dataclasses import dataclass
    from optisearch import Study, real

    @dataclass(frozen=True)
    class Space:
        x: float = real(0.0, 1.0, baseline=0.5)

    def train(hp, data, run): ...
"""
ONE = SOUND + "    study = Study(name='one', space=Space, train=train, minimize='loss')\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.py"


def refusal(path: Path, source: str | None = None, *, text: bytes | None = None) -> OptisearchError:
    """The error that a file with this source ends in."""
    if source is not None:
        path.write_text(dedent(source))
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(OptisearchError) as caught:
        load_study(path)
    assert caught.value.exit_code == 2
    return caught.value


def test_a_study_file_is_loaded(parabola_file: Path) -> None:
    assert load_study(parabola_file).name == "parabola"


def test_a_study_may_have_two_names(file: Path) -> None:
    file.write_text(dedent(ONE + "    same = study\n"))
    assert load_study(file).name == "one"


def test_modules_beside_the_file_can_be_imported(file: Path) -> None:
    (file.parent / "beside_mine.py").write_text(dedent(ONE))
    file.write_text("from beside_mine import study\n")
    assert load_study(file).name == "one"


def test_a_byte_order_mark_is_no_syntax_error(file: Path) -> None:
    file.write_text(dedent(ONE), encoding="utf-8-sig")
    assert load_study(file).name == "one"


def test_a_missing_file_names_the_nearest(file: Path) -> None:
    (file.parent / "mnist.py").touch()
    missing = file.parent / "mnits.py"
    assert str(refusal(missing)) == (
        f"{missing}: there is no such file. Did you mean {file.parent / 'mnist.py'}?"
    )


def test_a_missing_file_without_a_near_one_says_how_to_make_one(file: Path) -> None:
    assert "optisearch new" in refusal(file).remedy


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert f"The folder {tmp_path / 'gone'} doesn't exist" in str(refusal(tmp_path / "gone/a.py"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path).what == "this is a folder"


def test_a_file_that_is_no_text(file: Path) -> None:
    assert refusal(file, text=b"\xff\xfe\x00").what.startswith("the file can't be read")


@pytest.mark.parametrize("text", [b"x = 1\n\x00", b"\x00"])
def test_a_file_with_null_bytes(file: Path, text: bytes) -> None:
    assert "null bytes" in str(refusal(file, text=text))


def test_a_syntax_error_is_shown_with_its_line(file: Path) -> None:
    assert str(refusal(file, "a = 1\ndef build(hp:\n    pass\n")) == (
        f"{file}:2: syntax error: '(' was never closed. Correct the line.\n    def build(hp:"
    )


def test_a_source_is_read_without_running_it(file: Path) -> None:
    file.write_text("raise SystemExit\n")
    assert read_source(file) == "raise SystemExit\n"


@pytest.mark.parametrize("raising", ["raise SystemExit(3)", "1 / 0", "import no_such_module"])
def test_a_file_that_raises_shows_the_users_frames_alone(file: Path, raising: str) -> None:
    error = refusal(file, f"def broken():\n    {raising}\n\n\nbroken()\n")
    assert isinstance(error, StudyFileError)
    frames = [line for line in error.detail.splitlines() if line.startswith("  File")]
    assert frames == [
        f'  File "{file}", line 5, in <module>',
        f'  File "{file}", line 2, in broken',
    ]
    assert raising in error.detail


def test_no_study(file: Path) -> None:
    assert refusal(file, SOUND).what == "it defines no study"


def test_two_studies(file: Path) -> None:
    other = "    other = Study(name='two', space=Space, train=train, minimize='loss')\n"
    assert refusal(file, ONE + other).what == "it defines study, other"


def test_a_definition_error_names_the_file(file: Path) -> None:
    error = refusal(file, ONE.replace("'one'", "'a/b'").replace("baseline=0.5", "baseline=5.0"))
    assert isinstance(error, DefinitionError)
    assert error.where == f"{file}: study 'a/b'"
    assert [problem.field for problem in error.problems] == ["name", "x"]


def test_another_ending_than_py(tmp_path: Path) -> None:
    assert ".py" in refusal(tmp_path / "mine.txt", "x = 1").remedy


def test_importing_keras_is_left_to_the_file(parabola_file: Path) -> None:
    before = "keras" in sys.modules
    load_study(parabola_file)
    assert ("keras" in sys.modules) == before
