"""Which file a study is of."""

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from optisearch import Study, load_study_file
from optisearch.api.study_files import file_of
from optisearch.errors import StudyFileError

TEXT = """
from dataclasses import dataclass
from optisearch import Study, real

@dataclass(frozen=True)
class Point:
    x: float = real(0.0, 1.0, baseline=0.5)

def train(hp, data, run):
    run.report(0, {"loss": hp.x})

study = Study(name="line", space=Point, train=train, minimize="loss")
"""


@pytest.fixture
def line(in_folder: Path) -> Path:
    Path("line.py").write_text(TEXT)
    return Path("line.py")


@pytest.fixture
def imported(line: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Study]:
    """The study, imported as Python does it."""
    monkeypatch.syspath_prepend(str(line.absolute().parent))
    yield importlib.import_module(line.stem).study
    del sys.modules[line.stem]


def module(monkeypatch: pytest.MonkeyPatch, name: str, file: str | None, study: Study) -> None:
    made = ModuleType(name)
    made.study = study  # type: ignore[attr-defined]
    if file is not None:
        made.__file__ = file
    monkeypatch.setitem(sys.modules, name, made)


def test_a_path_is_taken_as_it_is() -> None:
    assert file_of("studies/x.py") == Path("studies/x.py")


def test_a_study_that_was_loaded_knows_its_file(line: Path) -> None:
    study = load_study_file("line.py")
    assert study.name == "line"
    assert file_of(study) == line


def test_the_file_may_be_loaded_again(line: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = load_study_file(line), load_study_file(line)
    monkeypatch.chdir("/")
    assert file_of(first) == file_of(second)
    assert file_of(first).name == "line.py"
    assert Path("/", file_of(first)).exists()


def test_a_module_that_was_imported_is_a_file(line: Path, imported: Study) -> None:
    assert file_of(imported) == line


def test_whoever_imported_it_isnt_meant(
    line: Path, imported: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    module(monkeypatch, "aaa_imported_it", "elsewhere.py", imported)
    module(monkeypatch, "__main__", "script.py", imported)
    assert file_of(imported) == line


def test_a_space_may_come_from_elsewhere(
    parabola: Study, line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = load_study_file(line).space
    study = Study(name="other", space=space, train=parabola.train, minimize="loss")
    module(monkeypatch, "__main__", "script.py", study)
    module(monkeypatch, "other", os.path.abspath("other.py"), study)  # noqa: PTH100
    assert file_of(study) == Path("other.py")


def test_a_script_may_define_it(parabola: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Study(name="other", space=parabola.space, train=parabola.train, maximize="height")
    module(monkeypatch, "__main__", "script.py", study)
    assert file_of(study) == Path("script.py")


def test_one_of_a_notebooks_cell_has_none(parabola: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    study = Study(name="cell", space=parabola.space, train=parabola.train, maximize="height")
    module(monkeypatch, "__main__", None, study)
    with pytest.raises(StudyFileError, match=r"%%writefile cell\.py.*search\(\"cell\.py\"\)"):
        file_of(study)


def test_a_study_file_doesnt_search_while_it_is_loaded(line: Path) -> None:
    line.write_text(f"{TEXT}\nfrom optisearch import search\nsearch(study)\n")
    with pytest.raises(StudyFileError, match=r"line\.py.*__main__"):
        load_study_file(line)
