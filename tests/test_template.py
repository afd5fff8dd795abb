"""The study file to start from."""

from pathlib import Path

import pytest

from optisearch.errors import OptisearchError
from optisearch.loading import load_study, read_source
from optisearch.template import write


@pytest.mark.parametrize(
    ("file", "name"), [("mine.py", "mine"), ("my study!.py", "my-study"), ("__.py", "mine")]
)
def test_it_is_named_like_its_file(tmp_path: Path, file: str, name: str) -> None:
    write(tmp_path / file)
    assert f'study = Study(name="{name}", ' in read_source(tmp_path / file)


@pytest.mark.keras
def test_it_is_a_sound_study(tmp_path: Path) -> None:
    write(tmp_path / "mine.py")
    assert load_study(tmp_path / "mine.py").metric == "val_accuracy"


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("precious")
    with pytest.raises(OptisearchError, match="the file is there already"):
        write(file)
    assert file.read_text() == "precious"


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(OptisearchError, match="can't be written"):
        write(tmp_path / "gone" / "mine.py")


def test_another_ending(tmp_path: Path) -> None:
    with pytest.raises(OptisearchError, match=r"Use .*mine\.py"):
        write(tmp_path / "mine.txt")
