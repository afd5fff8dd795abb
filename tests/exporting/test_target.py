"""Where a model goes, and that it gets there whole."""

import errno
import os
from pathlib import Path

import pytest

from optisearch.errors import OptisearchError
from optisearch.exporting.target import Target


@pytest.mark.parametrize(
    ("name", "given", "chosen", "card"),
    [
        ("model.keras", None, "keras", "model.md"),
        ("a.b.keras", None, "keras", "a.b.md"),
        ("model.weights.h5", None, "weights", "model.md"),
        ("model.onnx", None, "onnx", "model.md"),
        ("served", None, "saved_model", "served.md"),
        ("served", "saved_model", "saved_model", "served.md"),
        ("v1.2", "saved_model", "saved_model", "v1.2.md"),
    ],
)
def test_the_format_is_the_names(name: str, given: str | None, chosen: str, card: str) -> None:
    target = Target.of(Path("x") / name, given, force=False)  # type: ignore[arg-type]
    assert target.format == chosen
    assert target.card == Path("x") / card


@pytest.mark.parametrize(
    ("name", "given", "use"),
    [
        ("model.h5", None, "model.keras"),
        ("model.h5", "keras", "model.keras"),
        ("model.keras", "weights", "model.weights.h5"),
        ("model.weights.h5", "keras", "model.keras"),
        ("model.keras", "saved_model", "Use model."),
        ("model", "onnx", "model.onnx"),
    ],
)
def test_a_name_that_doesnt_go_with_the_format(name: str, given: str | None, use: str) -> None:
    with pytest.raises(OptisearchError) as raised:
        Target.of(Path(name), given, force=False)  # type: ignore[arg-type]
    assert use in str(raised.value)


def write(path: Path) -> str:
    path.write_text("a model")
    return "said"


def folder(path: Path) -> str:
    path.mkdir()
    (path / "inside").write_text("a model")
    return "said"


def test_both_are_written(tmp_path: Path) -> None:
    target = Target(tmp_path / "m.keras", "keras")
    target.check()
    assert target.write(write, lambda said: f"# {said}") == "said"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "m.keras": "a model",
        "m.md": "# said",
    }


@pytest.mark.parametrize("there", ["m.keras", "m.md"])
def test_what_is_there_stays(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(OptisearchError, match=f"{there}: it is there already.*--force"):
        Target(tmp_path / "m.keras", "keras").check()
    forced = Target(tmp_path / "m.keras", "keras", force=True)
    forced.check()
    forced.write(write, str)
    assert (tmp_path / "m.keras").read_text() == "a model"
    assert (tmp_path / "m.md").read_text() == "said"


def test_a_folder_replaces_a_folder(tmp_path: Path) -> None:
    target = Target(tmp_path / "m", "saved_model", force=True)
    target.path.mkdir()
    (target.path / "old").touch()
    target.check()
    target.write(folder, str)
    assert [path.name for path in target.path.iterdir()] == ["inside"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "m.md"]


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(OptisearchError, match="there is no folder"):
        Target(tmp_path / "no" / "m.keras", "keras").check()


def test_a_file_replaces_no_folder(tmp_path: Path) -> None:
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(OptisearchError, match="this is a folder"):
        Target(tmp_path / "m.keras", "keras", force=True).check()


@pytest.mark.parametrize("when", ["model", "card"])
def test_a_full_disk_leaves_nothing(tmp_path: Path, when: str) -> None:
    def full(_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def half(path: Path) -> str:
        path.write_text("half a mod")
        return full(path)

    (tmp_path / "m.keras").write_text("mine")
    target = Target(tmp_path / "m.keras", "keras", force=True)
    with pytest.raises(OptisearchError, match="No space left on device"):
        target.write(half if when == "model" else write, full)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"m.keras": "mine"}


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    def interrupted(path: Path) -> str:
        path.write_text("half a mod")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Target(tmp_path / "m.keras", "keras").write(interrupted, str)
    assert not list(tmp_path.iterdir())
