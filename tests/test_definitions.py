"""What of a study's code is fingerprinted: its own definitions, and those of its own modules."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from optisearch.definitions import fingerprints

STUDY = """
import json
import numpy
import numpy.linalg
import optisearch
import models
from layers import dense
from layers.deep import wide
from nowhere import to_be_found

def build(hp):
    import late
    return models.network(dense.layer, wide)
"""
FILES = {
    "models.py": "import layers.deep\n\ndef network(*parts):\n    return parts\n",
    "layers/dense.py": "WIDTH = 3\n\ndef layer():\n    return WIDTH\n",  # a folder is a package
    "layers/deep/__init__.py": "from .inner import wide\n",
    "layers/deep/inner.py": "def wide():\n    '''Words.'''\n    return 1  # more words\n",
    "late.py": "def later():\n    return 2\n",
    "unused.py": "def unused():\n    return 3\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "layers"]:
        del sys.modules[name]


def found(source: str = STUDY) -> dict[str, str]:
    return dict(fingerprints(dedent(source), "Space"))


def test_the_modules_of_ones_own_are_among_them_however_they_are_imported(folder: Path) -> None:
    assert folder.is_dir()
    assert set(found()) == {
        "build",
        "models.network",
        "layers.dense.WIDTH",
        "layers.dense.layer",
        "layers.deep.inner.wide",
        "late.later",
    }


def test_no_module_is_imported_for_it(folder: Path) -> None:
    assert folder.is_dir()
    found()
    assert not {"models", "late", "layers.dense", "unused"} & set(sys.modules)


@pytest.mark.parametrize(
    ("name", "before", "after", "changed"),
    [
        ("models.py", "return parts", "return parts[0]", {"models.network"}),
        ("layers/dense.py", "3", "4", {"layers.dense.WIDTH"}),
        ("layers/deep/inner.py", "return 1", "return 5", {"layers.deep.inner.wide"}),
        ("layers/deep/inner.py", "Words", "Other words", set()),
        ("late.py", "return 2", "return 1 + 1", {"late.later"}),
        ("unused.py", "3", "4", set()),
    ],
)
def test_a_change_is_seen_where_it_is(
    folder: Path, name: str, before: str, after: str, changed: set[str]
) -> None:
    first = found()
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    second = found()
    assert {key for key in first | second if first.get(key) != second.get(key)} == changed
