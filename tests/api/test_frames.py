"""Columns as pandas and Parquet hold them."""

import importlib.util
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from optisearch.api.frames import Column, frame, write_parquet
from optisearch.errors import OptisearchError

WHEN = datetime(2024, 5, 1, 12, 0)
COLUMNS = {
    "flag": Column.of([True, None]),
    "whole": Column.of([1, None]),
    "number": Column.of([1, 0.5]),
    "text": Column.of(["a", None]),
    "time": Column.of([WHEN, None]),
    "mixed": Column.of([1, "a"]),
    "none": Column.of([None, None]),
    "wanted": Column.of([None, None], int),
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("flag", "boolean"),
        ("whole", "Int64"),
        ("number", "float64"),
        ("text", "string"),
        ("time", "datetime64[us]"),
        ("mixed", "object"),
        ("none", "object"),
        ("wanted", "Int64"),
    ],
)
def test_what_is_missing_changes_no_type(name: str, kind: str) -> None:
    assert frame(COLUMNS)[name].dtype == kind


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    from pyarrow import parquet

    write_parquet(COLUMNS, tmp_path / "x.parquet", force=False)
    found = parquet.read_table(tmp_path / "x.parquet")
    assert found.to_pydict() == {
        "flag": [True, None],
        "whole": [1, None],
        "number": [1.0, 0.5],
        "text": ["a", None],
        "time": [WHEN, None],
        "mixed": ["1", "a"],
        "none": [None, None],
        "wanted": [None, None],
    }
    assert str(found.schema.field("wanted").type) == "int64"


@pytest.mark.parametrize("package", ["pandas", "pyarrow"])
def test_a_package_that_isnt_there(
    package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == package else find(name, *a)
    )

    def use() -> Any:
        if package == "pandas":
            return frame(COLUMNS)
        return write_parquet(COLUMNS, tmp_path / "x.parquet", force=False)

    with pytest.raises(OptisearchError, match=rf"needs {package}.*optisearch\[notebook\]"):
        use()
