"""A file is written whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from optisearch.api.writing import write_file
from optisearch.errors import OptisearchError


def test_what_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_file(path, lambda aside: aside.write_text("one"), force=False)
    with pytest.raises(OptisearchError, match=r"there already.*force=True"):
        write_file(path, lambda aside: aside.write_text("two"), force=False)
    assert path.read_text() == "one"
    write_file(path, lambda aside: aside.write_text("two"), force=True)
    assert path.read_text() == "two"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")

    def write(aside: Path) -> None:
        aside.write_text("hal")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OptisearchError, match="No space left on device"):
        write_file(path, write, force=True)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.txt": "before"}


def test_a_folder_that_isnt_there(tmp_path: Path) -> None:
    with pytest.raises(OptisearchError, match="there is no folder"):
        write_file(tmp_path / "x" / "a.txt", lambda aside: aside.touch(), force=False)
